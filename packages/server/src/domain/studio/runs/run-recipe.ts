/** From the names in a request to what they mean now: catalogue priors, sizes, models and evals of the project. */
import {
  type ArtefactKind,
  BRAIN_SIZES,
  type BrainSize,
  type ModelSpec,
  parseVersion,
  type RunOrder,
} from '@posterior/contracts'
import { AppError, invalidField } from '../../app-error.ts'
import type { PinnedReference, RunRecipe } from '../../ports/runs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'

interface Reference {
  id?: string | null | undefined
  slug?: string | null | undefined
  version?: string | null | undefined
}

/**
 * Resolve the references of a request. A name of the project goes before one of the server.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR that names the reference
 */
export async function resolveRecipe(
  artefacts: ArtefactStore,
  projectId: string,
  order: RunOrder,
): Promise<RunRecipe> {
  const find = (kind: ArtefactKind, field: string, given: string | Reference) =>
    findPinned(artefacts, { projectId, kind, field }, referenceOf(given))
  const prior = await find('prior', 'prior', order.prior)
  if (prior) {
    throw invalidField(
      'prior',
      `"${prior.slug}" is a prior of the project, and priors with code of their own do not run on this server yet; name one of the catalogue that the project has not`,
    )
  }
  const evals: PinnedReference[] = []
  for (const [i, given] of (order.evals ?? []).entries()) {
    const found = await find('eval', `evals.${i}`, given)
    if (!found) throw invalidField(`evals.${i}`, `the project has no eval "${handleOf(referenceOf(given))}"`)
    evals.push(found)
  }
  const { version = null, ...named } = referenceOf(order.prior)
  const overrides = typeof order.prior === 'string' ? {} : (order.prior.overrides ?? {})
  return {
    prior: { id: null, slug: handleOf(named), version, overrides },
    model: await resolveModel(artefacts, projectId, order.model ?? 'quick'),
    evals,
    hyperparams: order.hyperparams ?? {},
  }
}

async function resolveModel(
  artefacts: ArtefactStore,
  projectId: string,
  given: string | Reference,
): Promise<RunRecipe['model']> {
  const reference = referenceOf(given)
  const pinned = await findPinned(artefacts, { projectId, kind: 'model', field: 'model' }, reference)
  if (!pinned) {
    const size = readSize(handleOf(reference))
    if (!size)
      throw invalidField(
        'model',
        `the project has no model "${handleOf(reference)}", and it is none of ${BRAIN_SIZES.join(', ')}`,
      )
    if (reference.version != null) throw invalidField('model.version', 'a size has no versions; leave it out')
    return { id: null, slug: size, version: null, size }
  }
  const spec = (await artefacts.content(pinned.id, pinned.version)) as ModelSpec
  if (spec.blocks.length > 0) {
    throw invalidField(
      'model',
      `"${pinned.slug}" is composed of blocks, which this server does not train yet; use ${BRAIN_SIZES.join(', ')}, or a model without blocks whose "size" is one of them`,
    )
  }
  const size = readSize(spec.extra['size'])
  if (size) return { ...pinned, size }
  throw invalidField(
    'model',
    `"${pinned.slug}" has neither blocks nor a "size" that is one of ${BRAIN_SIZES.join(', ')}`,
  )
}

async function findPinned(
  artefacts: ArtefactStore,
  { projectId, kind, field }: { projectId: string; kind: ArtefactKind; field: string },
  reference: Reference,
): Promise<{ id: string; slug: string; version: string } | undefined> {
  const found = await artefacts.find(projectId, kind, handleOf(reference))
  if (!found) return undefined
  const wanted =
    reference.version == null ? found.versions.at(-1)?.version : parseVersion(reference.version)?.join('.')
  const info = found.versions.find(({ version }) => version === wanted)
  if (!info) {
    const known = found.versions.map(({ version }) => version).join(', ')
    throw invalidField(
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
  if (handle == null) throw new AppError('REQUEST_VALIDATION_ERROR')
  return handle
}

function readSize(value: unknown): BrainSize | undefined {
  return BRAIN_SIZES.find((size) => size === value)
}
