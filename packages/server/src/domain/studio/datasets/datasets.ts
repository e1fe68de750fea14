/**
 * Datasets of projects: real tables that evals measure brains on. They belong to projects, not to accounts, because what
 * names them does: an eval, the runs that are scored by it, the members who look at the scores and the archive that takes
 * all of it elsewhere.
 */
import { type DatasetSpec, formatOfFile } from '@posterior/contracts'
import { AppError, invalidField } from '../../app-error.ts'
import type { StagedFile } from '../../direct/staged-files.ts'
import type { Artefact, ArtefactVersion } from '../../ports/studio.ts'
import type { DatasetReader } from '../../ports/tables.ts'
import type { Artefacts } from '../artefacts.ts'
import type { Projects } from '../projects.ts'
import type { StoredTables } from './stored-tables.ts'

export interface DatasetsDeps {
  projects: Projects
  artefacts: Artefacts
  tables: StoredTables
  reader: DatasetReader
}

/** Which dataset: in a project (id or slug), by id or slug. */
export interface DatasetAddress {
  project: string
  dataset: string
}

/** A dataset with one of its versions. */
export interface ShownDataset {
  artefact: Artefact
  version: ArtefactVersion & { spec: DatasetSpec }
}

/** Every method throws AppError NOT_FOUND for what the account may not see; those that change something ROLE_TOO_LOW for viewers. */
export class Datasets {
  readonly #deps: DatasetsDeps

  constructor(deps: DatasetsDeps) {
    this.#deps = deps
  }

  /** By slug. */
  list(accountId: string, projectHandle: string): Promise<Artefact[]> {
    return this.#deps.artefacts.list(accountId, projectHandle, 'dataset')
  }

  /** @param version default the latest */
  async get(accountId: string, address: DatasetAddress, version?: string): Promise<ShownDataset> {
    return (await this.#deps.artefacts.get(accountId, placeOf(address), version)) as ShownDataset
  }

  /**
   * Store a version: the first of a new dataset, or a higher one. The same table with the same facts under the same version
   * again changes nothing.
   *
   * @param spec  what the caller says; the facts are found in the table
   * @returns also whether something was stored
   * @throws AppError PAYLOAD_TOO_LARGE, STORAGE_FULL, ARTEFACT_EXISTS, VERSION_NOT_HIGHER, STUDIO_LIMIT_REACHED, and for a table
   *   that cannot be used
   */
  async create(
    accountId: string,
    projectHandle: string,
    { spec, content }: { spec: DatasetSpec; content: AsyncIterable<Uint8Array> },
  ): Promise<ShownDataset & { isNew: boolean }> {
    const { projects, artefacts, tables } = this.#deps
    const { project } = await projects.require(accountId, projectHandle, 'editor')
    const staged = await tables.stage(content, spec.filename)
    try {
      const whole = await this.measured(spec, staged)
      const stored = await tables.keep([staged], () =>
        artefacts.put(accountId, project.id, { kind: 'dataset', spec: whole }),
      )
      return stored as ShownDataset & { isNew: boolean }
    } finally {
      await tables.discard([staged])
    }
  }

  /** With what is found in its table. @throws AppError for a table that cannot be used, or is not the one that is stated */
  async measured(spec: DatasetSpec, staged: StagedFile): Promise<DatasetSpec> {
    const { tables, reader } = this.#deps
    if (spec.sha256 !== null && spec.sha256 !== staged.sha256) {
      throw invalidField('sha256', `is ${spec.sha256}, and the table has ${staged.sha256}`)
    }
    const { target, splitColumn, filename } = spec
    const path = await tables.path(staged)
    const facts = await reader.inspect({ path, format: formatOfFile(filename), target, splitColumn })
    return { ...spec, ...facts, sha256: staged.sha256, sizeBytes: staged.sizeBytes }
  }

  /** The file of a version as it came. @param version default the latest */
  async open(
    accountId: string,
    address: DatasetAddress,
    version?: string,
  ): Promise<{ spec: DatasetSpec; content: AsyncIterable<Uint8Array> }> {
    const { spec } = (await this.get(accountId, address, version)).version
    // Deleted since it was looked up.
    if (spec.sha256 === null || !(await this.#deps.tables.exists(spec.sha256))) {
      throw new AppError('NOT_FOUND', { params: { what: `Dataset ${address.dataset}` } })
    }
    return { spec, content: this.#deps.tables.read(spec.sha256) }
  }

  /** With all versions. Runs that waited to be scored on it are scored without it. */
  async remove(accountId: string, address: DatasetAddress): Promise<void> {
    await this.#deps.artefacts.remove(accountId, placeOf(address))
    await this.#deps.tables.removeOrphans()
  }
}

function placeOf({ project, dataset }: DatasetAddress) {
  return { project, kind: 'dataset', handle: dataset } as const
}
