/** Projects as archives, out and in. What comes out of one server goes into another, and out of that again, unchanged. */
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  ARTEFACT_KINDS,
  type DatasetSpec,
  MAX_ARCHIVE_BYTES,
  MAX_MARKDOWN_BYTES,
  MAX_PROJECT_BYTES,
  MAX_PROJECT_VERSIONS,
  MAX_UNPACKED_BYTES,
  NOTE_KINDS,
} from '@posterior/contracts'
import {
  notePath,
  projectFiles,
  type ReadProject,
  type TarFile,
  tablePlaces,
  type WholeArtefact,
  writeTar,
} from '@posterior/project'
import { AppError, invalidField } from '../../app-error.ts'
import type { StagedFile } from '../../direct/staged-files.ts'
import type { ArchiveReader } from '../../ports/archives.ts'
import type { NoteStore } from '../../ports/notes.ts'
import type { MemberProject, NewVersion } from '../../ports/studio.ts'
import type { Datasets } from '../datasets/datasets.ts'
import type { StoredTables } from '../datasets/stored-tables.ts'
import { newVersion } from '../new-version.ts'
import { checkNotes, newNote } from '../notes.ts'
import { limitReached, type ProjectOrder, type Projects } from '../projects.ts'
import { brainFiles, importRuns, type RunRecordsDeps, runFile } from './run-records.ts'

const pack = promisify(gzip)

export interface ProjectArchivesDeps extends RunRecordsDeps {
  projects: Projects
  tables: StoredTables
  datasets: Pick<Datasets, 'measured'>
  notes: Pick<NoteStore, 'list'>
  reader: ArchiveReader
}

/** What an import asks for beside the archive. */
export interface ImportOrder {
  name?: string | undefined
  slug?: string | undefined
}

/** What an export holds. */
export interface ExportOptions {
  withBrains?: boolean
  /** Whether it must be small enough to be imported; default true. */
  isBounded?: boolean
}

export class ProjectArchives {
  readonly #deps: ProjectArchivesDeps

  constructor(deps: ProjectArchivesDeps) {
    this.#deps = deps
  }

  /**
   * The project as a tar.gz, with the records of its runs and, if asked for, their brains; the same project gives the same
   * bytes.
   *
   * @throws AppError NOT_FOUND, STUDIO_LIMIT_REACHED when it would be larger than what can be imported
   */
  async export(
    accountId: string,
    handle: string,
    { withBrains = false, isBounded = true }: ExportOptions = {},
  ): Promise<{ slug: string; bytes: Buffer }> {
    const { project } = await this.#deps.projects.require(accountId, handle)
    const artefacts: WholeArtefact[] = []
    for (const kind of ARTEFACT_KINDS) {
      for (const artefact of await this.#deps.artefacts.list(project.id, kind)) {
        const contents = artefact.versions.map(({ version }) =>
          this.#deps.artefacts.content(artefact.id, version),
        )
        // What was deleted meanwhile is left out as a whole.
        const specs = (await Promise.all(contents)).filter((spec) => spec !== undefined)
        if (specs.length === artefact.versions.length) artefacts.push({ artefact, specs })
      }
    }
    const texts = projectFiles(project, artefacts)
    const files = texts.map(({ name, text }) => ({ path: name, bytes: Buffer.from(text) }))
    const tables = await this.#tableFiles(artefacts)
    const notes = await this.#noteFiles(project.id)
    const tar = writeTar([...files, ...tables, ...notes, ...(await this.#runFiles(project.id, withBrains))])
    const bytes = await pack(tar)
    if (isBounded) checkSizes(tar.length, bytes.length)
    return { slug: project.slug, bytes }
  }

  /** The tables of datasets; all together are bounded by what a project may hold. */
  async #tableFiles(artefacts: readonly WholeArtefact[]): Promise<TarFile[]> {
    const files: TarFile[] = []
    for (const { path, spec } of tablePlaces(artefacts)) {
      const bytes = spec.sha256 === null ? undefined : await this.#deps.tables.bytes(spec.sha256)
      // Deleted meanwhile: an archive with a document alone could not be imported.
      if (!bytes) throw new AppError('NOT_FOUND', { params: { what: `Dataset ${spec.slug}` } })
      files.push({ path, bytes })
    }
    return files
  }

  async #noteFiles(projectId: string): Promise<TarFile[]> {
    const notes = await Promise.all(NOTE_KINDS.map((kind) => this.#deps.notes.list(projectId, kind)))
    return notes.flat().map((note) => ({ path: notePath(note), bytes: Buffer.from(note.text) }))
  }

  async #runFiles(projectId: string, withBrains: boolean): Promise<TarFile[]> {
    const { runs, trainer } = this.#deps
    const files: TarFile[] = []
    let bytes = 0
    for (const run of await runs.list(projectId)) {
      const own = [runFile(run), ...(withBrains ? await brainFiles(trainer, run) : [])]
      bytes += own.reduce((sum, file) => sum + file.bytes.length, 0)
      // Before more of it is in memory.
      if (withBrains) checkSizes(bytes, 0)
      files.push(...own)
      await breathe()
    }
    return files
  }

  /**
   * A new project from an archive, all of it or nothing but for runs, which are kept as far as they can be.
   *
   * @returns also the files that were left out
   * @throws AppError ARCHIVE_INVALID, REQUEST_VALIDATION_ERROR, PROJECT_SLUG_TAKEN, STUDIO_LIMIT_REACHED
   */
  async import(
    accountId: string,
    archive: Buffer,
    order: ImportOrder,
  ): Promise<{ found: MemberProject; runs: number; skipped: ReadProject['skipped'] }> {
    const { head, versions, notes, runs: records, skipped } = await this.#deps.reader.read(archive)
    const name = order.name ?? head.name
    if (name === undefined)
      throw invalidField('name', 'is missing; the archive has no project.yaml that says it')
    if (Buffer.byteLength(head.roadmap ?? '') > MAX_MARKDOWN_BYTES) {
      throw invalidArchive(`ROADMAP.md has more than ${MAX_MARKDOWN_BYTES} bytes.`)
    }
    const found = await this.#create(
      accountId,
      { ...head, name, slug: order.slug ?? head.slug },
      { versions, notes },
    )
    const runs = await importRuns(this.#deps, { projectId: found.project.id, accountId, records })
    return { found, runs: runs.count, skipped: [...skipped, ...runs.skipped] }
  }

  /** With all versions; the tables of datasets are read again, for what a file says of them may be wrong. */
  async #create(
    accountId: string,
    order: ProjectOrder,
    { versions, notes }: Pick<ReadProject, 'versions' | 'notes'>,
  ): Promise<MemberProject> {
    const { tables, datasets, projects, ids } = this.#deps
    const staged: StagedFile[] = []
    try {
      const whole: ReadProject['versions'] = []
      for (const version of versions) {
        const spec = version.spec as DatasetSpec
        if (!version.table) {
          whole.push(version)
          continue
        }
        const file = await tables.stage(once(version.table), spec.filename).catch(inTable(spec.filename))
        staged.push(file)
        whole.push({ ...version, spec: await datasets.measured(spec, file).catch(inTable(spec.filename)) })
      }
      const ready = await measured(whole)
      checkSize(ready)
      const texts = notes.map((note) => newNote({ ...note, projectId: '', now: 0 }))
      checkNotes({ count: texts.length, bytes: texts.reduce((sum, { bytes }) => sum + bytes, 0) })
      return await tables.keep(staged, () =>
        projects.create(
          accountId,
          order,
          (projectId, createdAt) =>
            ready.map((version) => ({ ...version, projectId, createdAt, newId: ids.newId() })),
          (projectId, now) => texts.map((note) => ({ ...note, projectId, now })),
        ),
      )
    } finally {
      await tables.discard(staged)
    }
  }
}

/** The error of a table, with the file that it came in. */
function inTable(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AppError)) throw error
    const errors = error.errors.map(({ field, message }) => ({ field: `${path}: ${field}`, message }))
    throw new AppError(error.code, { message: `${path}: ${error.message}`, errors, cause: error })
  }
}

/** The versions with hashes and sizes; others are answered between two of them. */
async function measured(versions: ReadProject['versions']): Promise<NewVersion[]> {
  const ready: NewVersion[] = []
  for (const version of versions) {
    await breathe()
    ready.push(newVersion({ ...version, projectId: '', newId: '', now: 0 }))
  }
  return ready
}

/** @throws AppError STUDIO_LIMIT_REACHED */
function checkSize(versions: readonly NewVersion[]): void {
  if (versions.length > MAX_PROJECT_VERSIONS) {
    throw limitReached(`${versions.length} versions`, `${MAX_PROJECT_VERSIONS} versions of a project`)
  }
  const bytes = versions.reduce((sum, version) => sum + version.bytes, 0)
  if (bytes > MAX_PROJECT_BYTES)
    throw limitReached(`A project of ${bytes} bytes`, `${MAX_PROJECT_BYTES} bytes`)
}

/** What is larger could not be imported. @throws AppError STUDIO_LIMIT_REACHED */
function checkSizes(unpacked: number, packed: number): void {
  const advice = 'export it without brains, or delete runs'
  if (unpacked > MAX_UNPACKED_BYTES)
    throw limitReached('The archive', `${MAX_UNPACKED_BYTES} bytes unpacked (${advice})`)
  if (packed > MAX_ARCHIVE_BYTES) throw limitReached('The archive', `${MAX_ARCHIVE_BYTES} bytes (${advice})`)
}

/** The error for an archive that cannot be imported; `reason` is the end of a sentence. */
export function invalidArchive(reason: string): AppError {
  return new AppError('ARCHIVE_INVALID', { params: { reason }, errors: [{ field: 'body', message: reason }] })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
