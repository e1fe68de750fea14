/** Projects as archives, out and in. What comes out of one server goes into another, and out of that again, unchanged. */
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  ARTEFACT_KINDS,
  MAX_ARCHIVE_BYTES,
  MAX_MARKDOWN_BYTES,
  MAX_PROJECT_BYTES,
  MAX_PROJECT_VERSIONS,
  MAX_UNPACKED_BYTES,
} from '@posterior/contracts'
import {
  projectFiles,
  type ReadProject,
  type TarFile,
  type WholeArtefact,
  writeTar,
} from '@posterior/project'
import { AppError, invalidField } from '../../app-error.ts'
import type { ArchiveReader } from '../../ports/archives.ts'
import type { MemberProject, NewVersion } from '../../ports/studio.ts'
import { newVersion } from '../new-version.ts'
import { limitReached, type Projects } from '../projects.ts'
import { brainFiles, importRuns, type RunRecordsDeps, runFile } from './run-records.ts'

const pack = promisify(gzip)

export interface ProjectArchivesDeps extends RunRecordsDeps {
  projects: Projects
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
    const tar = writeTar([...files, ...(await this.#runFiles(project.id, withBrains))])
    const bytes = await pack(tar)
    if (isBounded) checkSizes(tar.length, bytes.length)
    return { slug: project.slug, bytes }
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
    const { head, versions, runs: records, skipped } = await this.#deps.reader.read(archive)
    const name = order.name ?? head.name
    if (name === undefined)
      throw invalidField('name', 'is missing; the archive has no project.yaml that says it')
    if (Buffer.byteLength(head.roadmap ?? '') > MAX_MARKDOWN_BYTES) {
      throw invalidArchive(`ROADMAP.md has more than ${MAX_MARKDOWN_BYTES} bytes.`)
    }
    const ready = await measured(versions)
    checkSize(ready)
    const found = await this.#deps.projects.create(
      accountId,
      { ...head, name, slug: order.slug ?? head.slug },
      (projectId, createdAt) => {
        return ready.map((version) => ({ ...version, projectId, createdAt, newId: this.#deps.ids.newId() }))
      },
    )
    const runs = await importRuns(this.#deps, { projectId: found.project.id, accountId, records })
    return { found, runs: runs.count, skipped: [...skipped, ...runs.skipped] }
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
