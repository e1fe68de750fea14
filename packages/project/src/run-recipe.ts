/** From the names in a request or a run file to what they mean now: catalogue priors, sizes, and what the project has. */
import {
  type ArtefactKind,
  type ArtefactSpec,
  BRAIN_SIZES,
  type BrainSize,
  type DatasetSpec,
  datasetReference,
  type EvalSpec,
  type Hyperparams,
  type ModelSpec,
  type PriorSpec,
  parseVersion,
  type RunOrder,
} from '@posterior/contracts'

/** Something that a run refers to, as it was then; `id` is null for what comes with the server. */
export interface PinnedReference {
  id: string | null
  slug: string
  version: string | null
}

export type RunOverrides = Readonly<Record<string, number | boolean | string | readonly [number, number]>>

/** What to train, in words of the studio. */
export interface RunRecipe {
  prior: PinnedReference & { overrides: RunOverrides }
  /** Without a size it is composed of blocks. */
  model: PinnedReference & { size: BrainSize | null }
  evals: PinnedReference[]
  hyperparams: Hyperparams
}

/** A recipe with what its prior, model and evals say, of the versions that it pins. */
export interface ResolvedRecipe extends RunRecipe {
  /** The prior of the project; null for one of the catalogue. */
  priorSpec: PriorSpec | null
  evalSpecs: EvalSpec[]
  /** The dataset of the project that each of these names; null for none. */
  evalDatasets: (DatasetSpec | null)[]
  /** Time of training after which the run ends; null for what its hyperparameters say. */
  maxSeconds: number | null
  /** The model of the project; null for a size of the server. */
  modelSpec: ModelSpec | null
}

/** Where the artefacts of one project are. */
export interface ArtefactLookup {
  /** By id or slug, versions oldest first. */
  find(
    kind: ArtefactKind,
    handle: string,
  ): Promise<{ id: string; slug: string; versions: readonly { version: string }[] } | undefined>
  content(artefactId: string, version: string): Promise<ArtefactSpec | undefined>
}

/** A run that cannot be trained, because of one field of what was asked for. */
export class RecipeError extends Error {
  override name = 'RecipeError'
  /** Such as `prior.version`. */
  readonly field: string
  /** Without the field. */
  readonly reason: string

  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`)
    this.field = field
    this.reason = reason
  }
}

interface Reference {
  id?: string | null | undefined
  slug?: string | null | undefined
  version?: string | null | undefined
}

/**
 * Resolve the references of a request. A name of the project goes before one of the server.
 *
 * @throws RecipeError that names the reference
 */
export async function resolveRecipe(artefacts: ArtefactLookup, order: RunOrder): Promise<ResolvedRecipe> {
  const find = (kind: ArtefactKind, field: string, given: string | Reference) =>
    findPinned(artefacts, { kind, field }, referenceOf(given))
  const own = await find('prior', 'prior', order.prior)
  const evals: PinnedReference[] = []
  const evalSpecs: EvalSpec[] = []
  const evalDatasets: (DatasetSpec | null)[] = []
  for (const [i, given] of (order.evals ?? []).entries()) {
    const found = await find('eval', `evals.${i}`, given)
    if (!found)
      throw new RecipeError(`evals.${i}`, `the project has no eval "${handleOf(referenceOf(given))}"`)
    evals.push(found)
    const spec = (await artefacts.content(found.id, found.version)) as EvalSpec
    evalSpecs.push(spec)
    evalDatasets.push(await datasetOf(artefacts, spec))
  }
  const { version = null, ...named } = referenceOf(order.prior)
  const overrides = typeof order.prior === 'string' ? {} : (order.prior.overrides ?? {})
  const prior = own ?? { id: null, slug: handleOf(named), version }
  return {
    prior: { ...prior, overrides },
    priorSpec: own ? ((await artefacts.content(own.id, own.version)) as PriorSpec) : null,
    ...(await resolveModel(artefacts, order.model ?? 'quick')),
    evals,
    evalSpecs,
    evalDatasets,
    hyperparams: order.hyperparams ?? {},
    maxSeconds: order.compute?.max_seconds ?? null,
  }
}

/** The dataset that an eval is about; null when it names none that the project has: its scorer says what that means. */
async function datasetOf(artefacts: ArtefactLookup, { dataset }: EvalSpec): Promise<DatasetSpec | null> {
  const wanted = datasetReference(dataset)
  const found = wanted && (await artefacts.find('dataset', wanted.handle))
  if (!found) return null
  const version =
    wanted.version === null ? found.versions.at(-1)?.version : parseVersion(wanted.version)?.join('.')
  if (version === undefined) return null
  return ((await artefacts.content(found.id, version)) as DatasetSpec | undefined) ?? null
}

async function resolveModel(
  artefacts: ArtefactLookup,
  given: string | Reference,
): Promise<Pick<ResolvedRecipe, 'model' | 'modelSpec'>> {
  const reference = referenceOf(given)
  const pinned = await findPinned(artefacts, { kind: 'model', field: 'model' }, reference)
  if (!pinned) {
    const size = readSize(handleOf(reference))
    if (!size)
      throw new RecipeError(
        'model',
        `the project has no model "${handleOf(reference)}", and it is none of ${BRAIN_SIZES.join(', ')}`,
      )
    if (reference.version != null)
      throw new RecipeError('model.version', 'a size has no versions; leave it out')
    return { model: { id: null, slug: size, version: null, size }, modelSpec: null }
  }
  const spec = (await artefacts.content(pinned.id, pinned.version)) as ModelSpec
  if (spec.blocks.length > 0) return { model: { ...pinned, size: null }, modelSpec: spec }
  const size = readSize(spec.extra['size'])
  if (size) return { model: { ...pinned, size }, modelSpec: spec }
  throw new RecipeError(
    'model',
    `"${pinned.slug}" has neither blocks nor a "size" that is one of ${BRAIN_SIZES.join(', ')}`,
  )
}

async function findPinned(
  artefacts: ArtefactLookup,
  { kind, field }: { kind: ArtefactKind; field: string },
  reference: Reference,
): Promise<{ id: string; slug: string; version: string } | undefined> {
  const found = await artefacts.find(kind, handleOf(reference))
  if (!found) return undefined
  const wanted =
    reference.version == null ? found.versions.at(-1)?.version : parseVersion(reference.version)?.join('.')
  const info = found.versions.find(({ version }) => version === wanted)
  if (!info) {
    const known = found.versions.map(({ version }) => version).join(', ')
    throw new RecipeError(
      `${field}.version`,
      `the ${kind} "${found.slug}" has no version ${reference.version}; it has ${known}`,
    )
  }
  return { id: found.id, slug: found.slug, version: info.version }
}

function referenceOf(given: string | Reference): Reference {
  return typeof given === 'string' ? { id: given } : given
}

function handleOf({ id, slug }: Reference): string {
  const handle = id ?? slug
  if (handle == null) throw new RecipeError('id', 'is missing; give an id or a slug')
  return handle
}

function readSize(value: unknown): BrainSize | undefined {
  return BRAIN_SIZES.find((size) => size === value)
}
