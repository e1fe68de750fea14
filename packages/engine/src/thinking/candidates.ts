/**
 * The settings that a thinking fit tries: those that were asked for first, then variations of them, the more promising
 * ones first. What the caller set stays as it is in all of them, but for the seed: clients always send one, and all of
 * the search follows from it. `medium` tries the first part of the list, `high` all of it.
 */
import type { PipelineOptions } from '@posterior/tabular'
import type { EnsembleSettings } from '../ensemble/settings.ts'
import type { Task } from '../job.ts'
import { DEFAULT_ESTIMATORS, defaultEstimators } from '../options.ts'
import type { CandidateSettings, ThinkingEffort } from './thinking-job.ts'

/** What decides which variations make sense for a table. */
export interface TableTraits {
  readonly task: Task
  /** Labelled rows. */
  readonly rows: number
  /** As the model sees them, without ridge columns. */
  readonly columns: number
  readonly categoricalColumns: number
  /** Whether the members get ridge columns. */
  readonly hasRidge: boolean
}

const MEDIUM_CANDIDATES = 12

const pipeline = (
  scaling: PipelineOptions['scaling'],
  rest: Partial<PipelineOptions> = {},
): PipelineOptions => ({
  scaling,
  categories: 'shuffled',
  keepsOriginal: false,
  maxColumns: 500,
  components: null,
  maxOneHot: null,
  ...rest,
})

const members = (settings: EnsembleSettings, estimators?: number): CandidateSettings => ({
  ensemble: settings,
  ...(estimators !== undefined && { estimators }),
})

const ONE_HOT = pipeline('none', { categories: 'one-hot', maxOneHot: 20 })
const SQUASHED = pipeline('squashing_scaler_default')
const SQUASHED_COMPONENTS = pipeline('squashing_scaler_default', { components: 'quarter' })
const POWER = pipeline('safepower')
const UNIFORM_BESIDE = pipeline('quantile_uni_coarse', { keepsOriginal: true })

/**
 * List the candidates.
 *
 * @param asked settings that the caller named; the first candidate is just these
 */
export function listCandidates(
  traits: TableTraits,
  asked: CandidateSettings,
  effort: ThinkingEffort,
): CandidateSettings[] {
  const seed = asked.randomState ?? 0
  const known = new Set<string>()
  const candidates = variations(traits, seed)
    .map((variation) => merge(variation, asked, seed))
    .filter((candidate) => {
      const key = JSON.stringify(candidate)
      return !known.has(key) && known.add(key)
    })
  return effort === 'high' ? candidates : candidates.slice(0, MEDIUM_CANDIDATES)
}

function variations(
  { task, rows, columns, categoricalColumns, hasRidge }: TableTraits,
  seed: number,
): CandidateSettings[] {
  const ifAny = (isAny: boolean, ...list: CandidateSettings[]) => (isAny ? list : [])
  const hasCategories = categoricalColumns > 0
  const hasNumbers = categoricalColumns < columns
  const isRegression = task === 'regression'
  const usual = defaultEstimators(task, rows)
  return [
    // What a fit without thinking does.
    usual === DEFAULT_ESTIMATORS ? {} : { estimators: usual },
    { estimators: 8 },
    ...ifAny(hasRidge, members({ ridgeColumns: false })),
    ...ifAny(hasCategories, members({ pipelines: [ONE_HOT] })),
    ...ifAny(isRegression, members({ targetScalings: ['safepower'] }), members({ targetScalings: [null] })),
    ...ifAny(
      hasNumbers,
      members({ pipelines: [SQUASHED] }),
      members({ pipelines: [SQUASHED_COMPONENTS] }),
      members({ pipelines: [POWER] }),
      members({ pipelines: [UNIFORM_BESIDE] }),
      members({ products: Math.max(1, Math.ceil(columns / 2)) }),
    ),
    members({ columnOrder: 'keep' }),
    { estimators: 16 },
    members({ fingerprint: true }),
    { randomState: seed + 1 },
    // From here on only with high effort, or where a table leaves out some of the others.
    ...ifAny(
      hasNumbers,
      members({ pipelines: [pipeline('quantile_norm')] }),
      members({ pipelines: [pipeline('none', { components: 'half' })] }),
      members({ pipelines: [SQUASHED, POWER, UNIFORM_BESIDE, SQUASHED_COMPONENTS] }, 8),
      members({ pipelines: [pipeline('quantile_uni')] }),
      members({ outlierSpreads: 4 }),
    ),
    ...ifAny(hasCategories, members({ pipelines: [pipeline('none', { categories: 'numbers' })] })),
    ...ifAny(hasCategories && hasNumbers, members({ pipelines: [ONE_HOT, POWER, SQUASHED] }, 8)),
    ...ifAny(isRegression, members({ targetScalings: ['quantile_norm', null] })),
    members({ rowSample: { share: 0.7 } }, 8),
    ...ifAny(columns > 4, members({ pipelines: [subset(columns)], columnSampling: 'random' }, 8)),
    { estimators: 8, randomState: seed + 2 },
    { estimators: 8, randomState: seed + 3 },
  ]
}

/** Each member sees its own two thirds of the columns. */
function subset(columns: number): PipelineOptions {
  return pipeline('none', { maxColumns: Math.ceil((2 * columns) / 3) })
}

function merge(variation: CandidateSettings, asked: CandidateSettings, seed: number): CandidateSettings {
  const { randomState: _, ensemble, ...fixed } = asked
  const both = { ...variation.ensemble, ...ensemble }
  return {
    randomState: variation.randomState ?? seed,
    ...(variation.estimators !== undefined && { estimators: variation.estimators }),
    ...fixed,
    ...(Object.keys(both).length > 0 && { ensemble: both }),
  }
}
