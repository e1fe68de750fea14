/**
 * The members of an ensemble: which rows and columns each sees, what it makes of them and how it is permuted. Sizes come
 * first and cost nothing, so that a fit that is too large is refused before memory is taken for it.
 */
import {
  type ChannelState,
  type ChannelVariant,
  categoryCount,
  fitChannels,
  fitPipeline,
  type MemberPipeline,
  type NumericColumn,
  type PipelineOptions,
  pipelineWidth,
  Random,
  takeColumnRows,
} from '@posterior/tabular'
import type { MemberState, Preparation } from '../context/context-state.ts'
import { EngineError } from '../errors.ts'
import { type MemberPlan, type PlanInput, planEnsemble, planMember } from './plan.ts'
import { ColumnSampler } from './sample-columns.ts'
import { sampleRows, sampleSize } from './sample-rows.ts'
import { type EnsembleSettings, MAX_PRODUCTS, needsPreparation } from './settings.ts'

/** Size of the table that one member sees. */
export interface MemberShape {
  readonly rows: number
  readonly columns: number
  /** Number of its preparation, which other members may share; null when it sees the encoded columns. */
  readonly preparation: number | null
}

/** The encoded training rows. */
export interface MemberData {
  readonly columns: readonly NumericColumn[]
  /** Every member sees these too, after its own; no products are made of them. */
  readonly ridge: readonly NumericColumn[]
  /** Class of each row, or standardised target. */
  readonly labels: Int32Array | Float64Array
}

/** What is common to all members. */
export type MemberInput = Omit<PlanInput, 'categoryCounts' | 'categoryOrder'> & {
  readonly settings: EnsembleSettings
}

export interface PreparedMembers {
  readonly plans: readonly MemberPlan[]
  readonly members: readonly Omit<MemberState, 'targetTransform'>[]
  readonly channels: Readonly<Partial<Record<ChannelVariant, ChannelState>>>
  readonly preparations: readonly Preparation[]
  /** Training rows of each member; null = all. */
  readonly rows: readonly (Int32Array | null)[]
}

/** Rows and columns of the members, from settings and column kinds alone. */
export class MemberPlanner {
  readonly #input: MemberInput
  readonly #data: MemberData
  readonly #columns: readonly NumericColumn[]
  readonly #kinds: readonly { categories: number }[]
  readonly #selections: readonly (number[] | null)[]

  constructor(input: MemberInput, data: MemberData) {
    this.#input = input
    this.#data = data
    this.#columns = [...data.columns, ...data.ridge]
    this.#kinds = this.#columns.map((column) => ({ categories: categoryCount(column) }))
    const ridge = data.ridge.map((_, k) => data.columns.length + k)
    const { settings, randomState, estimators } = input
    const sampler = new ColumnSampler(settings, randomState, data)
    this.#selections = Array.from({ length: estimators }, (_, member) => {
      if (!this.isPrepared) return null
      const chosen = sampler.choose(member, optionsOf(settings, member)?.maxColumns)
      return chosen && [...chosen, ...ridge]
    })
  }

  /** Whether members see something else than the encoded columns. */
  get isPrepared(): boolean {
    return needsPreparation(this.#input.settings)
  }

  /** @throws EngineError invalid_options for more products than a table may have columns */
  get shapes(): readonly MemberShape[] {
    const { settings } = this.#input
    const total = this.#data.labels.length
    const known = new Map<string, number>()
    return this.#selections.map((selection, member) => {
      const rows = sampleSize(settings.rowSample, total, member)
      if (!this.isPrepared) return { rows, columns: this.#kinds.length, preparation: null }
      const products = this.#productCount(member)
      const pipeline = { ...this.#pipeline(member, []), selection }
      const key = this.#sharedKey(member)
      const preparation = known.get(key) ?? known.size
      known.set(key, preparation)
      return { rows, columns: pipelineWidth(this.#kinds, rows, pipeline, products), preparation }
    })
  }

  /** Learn the preprocessing of all members. Ask for `shapes` first. */
  prepare(): PreparedMembers {
    return this.isPrepared ? this.#prepareEach() : this.#prepareShared()
  }

  #prepareShared(): PreparedMembers {
    const columns = this.#columns
    const categoryCounts = this.#kinds.map(({ categories }) => categories)
    const plans = planEnsemble({ ...this.#input, categoryCounts })
    const channels: Partial<Record<ChannelVariant, ChannelState>> = {}
    for (const { variant } of plans) channels[variant] ??= fitChannels(columns, { variant })
    const members = plans.map((plan) => memberState(plan, plan.variant, columns))
    return { plans, members, channels, preparations: [], rows: plans.map(() => null) }
  }

  #prepareEach(): PreparedMembers {
    const { settings, randomState, estimators } = this.#input
    const preparations: Preparation[] = []
    const known = new Map<string, { index: number; columns: readonly NumericColumn[] }>()
    const lastUse = new Map(this.#selections.map((_, member) => [this.#sharedKey(member), member]))
    const rows: (Int32Array | null)[] = []
    const plans: MemberPlan[] = []
    const members = Array.from({ length: estimators }, (_, member) => {
      const own = sampleRows(settings.rowSample, this.#data.labels, { randomState, member })
      const options = optionsOf(settings, member)
      const variant = this.#variant(member)
      const pipeline = this.#pipeline(member, this.#drawProducts(member))
      const key = this.#sharedKey(member)
      let prepared = known.get(key)
      if (!prepared) {
        const inputs = own ? takeColumnRows(this.#columns, own) : this.#columns
        const draws = Random.fromSeed(randomState, 'member', member, 'scaling')
        const { state, columns } = fitPipeline(inputs, pipeline, draws)
        prepared = { index: preparations.length, columns }
        preparations.push({ pipeline: state, channels: fitChannels(columns, { variant }) })
        known.set(key, prepared)
      }
      const categoryCounts = prepared.columns.map(categoryCount)
      const plan = planMember(
        { ...this.#input, categoryCounts, categoryOrder: categoryOrderOf(options) },
        member,
      )
      plans.push(plan)
      rows.push(own)
      // The columns are as large as the table: they are held only as long as another member shares them.
      if (lastUse.get(key) === member) known.delete(key)
      return { ...memberState(plan, variant, prepared.columns), preparation: prepared.index }
    })
    return { plans, members, channels: {}, preparations, rows }
  }

  #pipeline(member: number, products: MemberPipeline['products']): MemberPipeline {
    const { settings, randomState } = this.#input
    return {
      options: optionsOf(settings, member) ?? null,
      selection: this.#selections[member]!,
      products,
      fingerprintSalt: settings.fingerprint ? randomState | 0 : null,
      outlierSpreads: settings.outlierSpreads ?? null,
    }
  }

  #variant(member: number): ChannelVariant {
    return this.#input.settings.pipelines || member % 2 === 0 ? 'standard' : 'quantile'
  }

  /** Members of one key have the same preparation. */
  #sharedKey(member: number): string {
    const { settings } = this.#input
    const total = this.#data.labels.length
    const { rowSample } = settings
    const hasOwnRows =
      rowSample !== undefined && ('rows' in rowSample || sampleSize(rowSample, total, member) < total)
    const options = optionsOf(settings, member)
    const isOwn = hasOwnRows || isDrawn(options) || typeof settings.products === 'number'
    return JSON.stringify([
      this.#variant(member),
      options ?? null,
      this.#selections[member],
      isOwn ? member : null,
    ])
  }

  /** Places of a member's columns that products are made of: those that are numbers for it. */
  #factors(member: number): number[] {
    const isNumbers = optionsOf(this.#input.settings, member)?.categories === 'numbers'
    const kept = this.#selections[member] ?? this.#kinds.map((_, j) => j)
    const own = kept.filter((j) => j < this.#data.columns.length)
    return own.flatMap((j, place) => (isNumbers || this.#kinds[j]!.categories === 0 ? [place] : []))
  }

  #productCount(member: number): number {
    const wanted = this.#input.settings.products
    if (wanted === undefined) return 0
    const factors = this.#factors(member).length
    const count = Math.min(
      wanted === 'all' ? Number.POSITIVE_INFINITY : wanted,
      (factors * (factors + 1)) / 2,
    )
    if (count <= MAX_PRODUCTS) return count
    throw new EngineError(
      'invalid_options',
      `The products of ${factors} columns would be ${count} columns; at most ${MAX_PRODUCTS} are made. Ask for fewer.`,
      { details: { option: 'ensemble.products', products: count, most: MAX_PRODUCTS } },
    )
  }

  #drawProducts(member: number): [number, number][] {
    const count = this.#productCount(member)
    if (count === 0) return []
    const factors = this.#factors(member)
    const total = (factors.length * (factors.length + 1)) / 2
    const random = Random.fromSeed(this.#input.randomState, 'member', member, 'products')
    const chosen = count === total ? null : random.permutation(total).slice(0, count).sort()
    return Array.from({ length: count }, (_, i) => pairOf(chosen ? chosen[i]! : i, factors))
  }
}

/** Pair number i in the order (0,0) (0,1) (1,1) (0,2) (1,2) (2,2) ... */
function pairOf(i: number, factors: readonly number[]): [number, number] {
  let b = Math.floor((Math.sqrt(8 * i + 1) - 1) / 2)
  while (((b + 1) * (b + 2)) / 2 <= i) b++
  while ((b * (b + 1)) / 2 > i) b--
  return [factors[i - (b * (b + 1)) / 2]!, factors[b]!]
}

function optionsOf({ pipelines }: EnsembleSettings, member: number): PipelineOptions | undefined {
  return pipelines?.[member % pipelines.length]
}

function isDrawn(options: PipelineOptions | undefined): boolean {
  return options !== undefined && /^(per_feature|kdi_random)/.test(options.scaling)
}

function categoryOrderOf(options: PipelineOptions | undefined): 'vary' | 'shuffle' | 'keep' {
  if (!options) return 'vary'
  return options.categories.startsWith('shuffled') ? 'shuffle' : 'keep'
}

function memberState(
  plan: MemberPlan,
  variant: ChannelVariant,
  columns: readonly NumericColumn[],
): Omit<MemberState, 'targetTransform'> {
  const permuted = plan.categoryCodes.flatMap((codes, column) => {
    if (!codes || codes.every((code, i) => code === i)) return []
    const own = fitChannels([columns[column]!], { variant, categoryPermutations: [codes] })
    return [[column, own.columns[0]!] as const]
  })
  return { order: plan.order, slots: plan.slots, variant, permuted }
}
