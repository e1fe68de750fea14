/** Projects as archives, out and in. What comes out of one server goes into another, and out of that again, unchanged. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import {
  ARTEFACT_KINDS,
  MAX_ARCHIVE_BYTES,
  MAX_ARCHIVE_ENTRIES,
  MAX_MARKDOWN_BYTES,
  MAX_PROJECT_BYTES,
  MAX_PROJECT_VERSIONS,
  MAX_UNPACKED_BYTES,
} from '@posterior/contracts'
import { invalidField } from '../../app-error.ts'
import type { ArtefactStore, MemberProject, NewVersion } from '../../ports/studio.ts'
import type { Ids } from '../../ports/system.ts'
import { newVersion } from '../new-version.ts'
import { limitReached, type Projects } from '../projects.ts'
import { projectFiles, type WholeArtefact } from './layout.ts'
import { type ReadProject, readProject } from './read-project.ts'
import { invalidArchive, readTar } from './tar-reader.ts'
import { writeTar } from './tar-writer.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

export interface ProjectArchivesDeps {
  projects: Projects
  artefacts: ArtefactStore
  ids: Ids
}

/** What an import asks for beside the archive. */
export interface ImportOrder {
  name?: string | undefined
  slug?: string | undefined
}

export class ProjectArchives {
  readonly #deps: ProjectArchivesDeps
  /** Ends when no archive is being unpacked. */
  #idle: Promise<unknown> = Promise.resolve()

  constructor(deps: ProjectArchivesDeps) {
    this.#deps = deps
  }

  /**
   * The project as a tar.gz; the same project gives the same bytes.
   *
   * @throws AppError NOT_FOUND
   */
  async export(accountId: string, handle: string): Promise<{ slug: string; bytes: Buffer }> {
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
    const files = projectFiles(project, artefacts)
    const tar = writeTar(files.map(({ name, text }) => ({ path: name, bytes: Buffer.from(text) })))
    return { slug: project.slug, bytes: await pack(tar) }
  }

  /**
   * A new project from an archive, all of it or nothing.
   *
   * @returns also the files that were left out
   * @throws AppError ARCHIVE_INVALID, REQUEST_VALIDATION_ERROR, PROJECT_SLUG_TAKEN, STUDIO_LIMIT_REACHED
   */
  async import(
    accountId: string,
    archive: Buffer,
    order: ImportOrder,
  ): Promise<{ found: MemberProject; skipped: ReadProject['skipped'] }> {
    const { head, versions, skipped } = await this.#read(archive)
    const name = order.name ?? head.name
    if (name === undefined)
      throw invalidField('name', 'is missing; the archive has no project.yaml that says it')
    if (Buffer.byteLength(head.roadmap ?? '') > MAX_MARKDOWN_BYTES) {
      throw invalidArchive(`ROADMAP.md has more than ${MAX_MARKDOWN_BYTES} bytes.`)
    }
    const found = await this.#deps.projects.create(
      accountId,
      { ...head, name, slug: order.slug ?? head.slug },
      (projectId, now) => {
        const ready = versions.map((version) =>
          newVersion({ ...version, projectId, now, newId: this.#deps.ids.newId() }),
        )
        checkSize(ready)
        return ready
      },
    )
    return { found, skipped }
  }

  /** One archive at a time: unpacked it takes many times its size. */
  async #read(archive: Buffer): Promise<ReadProject> {
    const before = this.#idle
    const reading = (async () => {
      await before
      return readProject(readTar(await unpacked(archive), { maxEntries: MAX_ARCHIVE_ENTRIES }))
    })()
    this.#idle = reading.catch(() => {})
    return reading
  }
}

async function unpacked(archive: Buffer): Promise<Buffer> {
  if (archive.length > MAX_ARCHIVE_BYTES) throw invalidArchive(`it has more than ${MAX_ARCHIVE_BYTES} bytes.`)
  try {
    return await unpack(archive, { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch (error) {
    const isLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    const reason = isLarge
      ? `it has more than ${MAX_UNPACKED_BYTES} bytes unpacked.`
      : 'it is not a whole .tar.gz.'
    throw invalidArchive(reason, error)
  }
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
