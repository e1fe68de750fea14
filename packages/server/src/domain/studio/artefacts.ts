/** Priors, models, evals and datasets of projects: each has versions, which never change. */
import {
  type ArtefactKind,
  type ArtefactSpec,
  type ArtefactSpecs,
  compareVersions,
  MAX_PROJECT_BYTES,
  MAX_PROJECT_VERSIONS,
  type ModelSpec,
  nextPatch,
  parseVersion,
  slugKey,
} from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'
import type { Artefact, ArtefactStore, ArtefactVersion, NewVersion, ProjectSize } from '../ports/studio.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { checkModel } from './check-model.ts'
import { newVersion } from './new-version.ts'
import { limitReached, type Projects } from './projects.ts'

export interface ArtefactsDeps {
  projects: Projects
  artefacts: ArtefactStore
  clock: Clock
  ids: Ids
}

/** Which artefact: in a project (id or slug), of a kind, by id or slug. */
export interface ArtefactAddress {
  project: string
  kind: ArtefactKind
  handle: string
}

/** An artefact with one of its versions. */
export interface ShownArtefact {
  artefact: Artefact
  version: ArtefactVersion
}

/**
 * Every method throws AppError NOT_FOUND for a project that the account is no member of and for what the project does not
 * have; those that change something also ROLE_TOO_LOW for viewers.
 */
export class Artefacts {
  readonly #deps: ArtefactsDeps

  constructor(deps: ArtefactsDeps) {
    this.#deps = deps
  }

  /** By slug. */
  async list(accountId: string, projectHandle: string, kind: ArtefactKind): Promise<Artefact[]> {
    const { project } = await this.#deps.projects.require(accountId, projectHandle)
    return this.#deps.artefacts.list(project.id, kind)
  }

  /** @param version default the latest */
  async get(accountId: string, address: ArtefactAddress, version?: string): Promise<ShownArtefact> {
    const { project } = await this.#deps.projects.require(accountId, address.project)
    return this.#shown(await this.#find(project.id, address), version)
  }

  /**
   * Store a version: the first of a new artefact, or a higher one. The same content under the same version again changes
   * nothing.
   *
   * @returns also whether something was stored
   * @throws AppError ARTEFACT_EXISTS, VERSION_NOT_HIGHER, STUDIO_LIMIT_REACHED, REQUEST_VALIDATION_ERROR
   */
  async put<K extends ArtefactKind>(
    accountId: string,
    projectHandle: string,
    { kind, spec }: { kind: K; spec: ArtefactSpecs[K] },
  ): Promise<ShownArtefact & { isNew: boolean }> {
    const { project } = await this.#deps.projects.require(accountId, projectHandle, 'editor')
    if (kind === 'model') checkModel(spec as ModelSpec)
    // `-` and `_` count as the same: the first spelling stays.
    const slug = (await this.#deps.artefacts.find(project.id, kind, spec.slug))?.slug
    const named = slug !== undefined && slugKey(slug) === slugKey(spec.slug) ? { ...spec, slug } : spec
    return this.#add(this.#version(project.id, kind, named))
  }

  /**
   * A new version of the latest with some fields replaced. The slug stays.
   *
   * @throws AppError as `put`
   */
  async change(
    accountId: string,
    address: ArtefactAddress,
    patch: Readonly<Record<string, unknown>>,
    read: (input: unknown) => ArtefactSpec,
  ): Promise<ShownArtefact> {
    const { project } = await this.#deps.projects.require(accountId, address.project, 'editor')
    const artefact = await this.#find(project.id, address)
    const { version } = await this.#shown(artefact)
    if (typeof patch['slug'] === 'string' && slugKey(patch['slug']) !== slugKey(artefact.slug)) {
      throw invalidField('slug', `stays ${JSON.stringify(artefact.slug)}; fork a prior to get another one`)
    }
    const change = {
      version: nextPatch(version.version),
      ...withoutNulls(patch, 'version'),
      slug: artefact.slug,
    }
    const { id: _, ...fields } = { ...version.spec, ...change } as Record<string, unknown>
    const spec = read(renamed(fields, patch))
    if (address.kind === 'model') checkModel(spec as ModelSpec)
    return this.#add(this.#version(project.id, address.kind, spec))
  }

  /** With all versions. */
  async remove(accountId: string, address: ArtefactAddress): Promise<void> {
    const { project } = await this.#deps.projects.require(accountId, address.project, 'editor')
    const { id } = await this.#find(project.id, address)
    if (!(await this.#deps.artefacts.remove(project.id, address.kind, id))) throw notFound(address)
  }

  /**
   * Copy a version of a prior to a new prior, in its project or another one. The code stays as it is.
   *
   * @throws AppError ARTEFACT_SLUG_TAKEN, STUDIO_LIMIT_REACHED
   */
  async forkPrior(
    accountId: string,
    { project: from, handle }: { project: string; handle: string },
    order: { slug: string; name?: string | null; version?: string | null; project?: string | null },
  ): Promise<ShownArtefact> {
    const { projects } = this.#deps
    const target = await projects.require(accountId, order.project ?? from, 'editor')
    const source = await this.get(
      accountId,
      { project: from, kind: 'prior', handle },
      order.version ?? undefined,
    )
    const { spec, version } = source.version
    const copy = { ...spec, slug: order.slug, name: order.name ?? spec.name } as ArtefactSpec
    const forkedFrom = { name: spec.name, slug: source.artefact.slug, version }
    const added = this.#version(target.project.id, 'prior', copy, forkedFrom)
    return this.#add(added, (existing) => {
      if (!existing) return
      throw new AppError('ARTEFACT_SLUG_TAKEN', { params: { what: `the prior "${existing.slug}"` } })
    })
  }

  #version(
    projectId: string,
    kind: ArtefactKind,
    spec: ArtefactSpec,
    forkedFrom?: NewVersion['forkedFrom'],
  ): NewVersion {
    const { clock, ids } = this.#deps
    const order = { projectId, kind, spec, newId: ids.newId(), now: clock.now() }
    return newVersion({ ...order, ...(forkedFrom && { forkedFrom }) })
  }

  async #add(
    added: NewVersion,
    check: (existing: Artefact | undefined) => void = () => {},
  ): Promise<ShownArtefact & { isNew: boolean }> {
    let isNew = false
    const artefact = await this.#deps.artefacts.addVersion(added, (existing, size) => {
      check(existing)
      const decision = decide(added, existing, size)
      isNew = decision === 'store'
      return decision
    })
    return { ...(await this.#shown(artefact, added.version)), isNew }
  }

  async #find(projectId: string, address: ArtefactAddress): Promise<Artefact> {
    const found = await this.#deps.artefacts.find(projectId, address.kind, address.handle)
    if (!found) throw notFound(address)
    return found
  }

  async #shown(artefact: Artefact, wanted?: string): Promise<ShownArtefact> {
    const exact = wanted === undefined ? artefact.versions.at(-1)?.version : parseVersion(wanted)?.join('.')
    const info = artefact.versions.find(({ version }) => version === exact)
    const spec = info && (await this.#deps.artefacts.content(artefact.id, info.version))
    if (info && spec) return { artefact, version: { ...info, spec } }
    const what = `Version ${wanted ?? 'latest'} of the ${artefact.kind} "${artefact.slug}"`
    throw new AppError('NOT_FOUND', { params: { what } })
  }
}

/**
 * Whether a version is stored, or there already.
 *
 * @throws AppError ARTEFACT_EXISTS, VERSION_NOT_HIGHER, STUDIO_LIMIT_REACHED
 */
export function decide(
  added: NewVersion,
  existing: Artefact | undefined,
  size: ProjectSize,
): 'store' | 'keep' {
  const { version } = added
  const what = `the ${added.kind} "${added.spec.slug}"`
  const same = existing?.versions.find((each) => each.version === version)
  if (same?.hash === added.hash) return 'keep'
  if (same) throw new AppError('ARTEFACT_EXISTS', { params: { what, version } })
  const latest = existing?.versions.at(-1)?.version
  if (latest !== undefined && compareVersions(version, latest) < 0) {
    throw new AppError('VERSION_NOT_HIGHER', { params: { what, latest, version } })
  }
  if (size.versions >= MAX_PROJECT_VERSIONS) {
    throw limitReached('Another version', `${MAX_PROJECT_VERSIONS} versions of a project`)
  }
  const bytes = size.bytes + added.bytes
  if (bytes > MAX_PROJECT_BYTES) {
    throw limitReached(`The project with ${bytes} bytes`, `${MAX_PROJECT_BYTES} bytes`)
  }
  return 'store'
}

/** The names under which a field may come beside its own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  input_shape: 'inputShape',
  output_heads: 'outputHeads',
  python_version: 'pythonVersion',
}

/** What was given under another name wins over what is stored. */
function renamed(
  fields: Record<string, unknown>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result = { ...fields }
  for (const [other, name] of Object.entries(OTHER_NAMES)) {
    if (Object.hasOwn(patch, other)) result[name] = patch[other]
    delete result[other]
  }
  // A width that follows from the blocks follows from the new ones.
  if (Object.hasOwn(patch, 'blocks') && !Object.hasOwn(patch, 'd_in')) delete result['d_in']
  return result
}

function withoutNulls(patch: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([key, value]) => key !== name || value != null))
}

function notFound({ kind, handle }: ArtefactAddress): AppError {
  const name = { prior: 'Prior', model: 'Model', eval: 'Eval', dataset: 'Dataset' }[kind]
  return new AppError('NOT_FOUND', { params: { what: `${name} ${handle}` } })
}
