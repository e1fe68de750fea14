/** Projects as archives, out and in. What comes out of one server goes into another, and out of that again, unchanged. */
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  ARTEFACT_KINDS,
  MAX_MARKDOWN_BYTES,
  MAX_PROJECT_BYTES,
  MAX_PROJECT_VERSIONS,
} from '@posterior/contracts'
import { projectFiles, type ReadProject, type WholeArtefact, writeTar } from '@posterior/project'
import { AppError, invalidField } from '../../app-error.ts'
import type { ArchiveReader } from '../../ports/archives.ts'
import type { ArtefactStore, MemberProject, NewVersion } from '../../ports/studio.ts'
import type { Ids } from '../../ports/system.ts'
import { newVersion } from '../new-version.ts'
import { limitReached, type Projects } from '../projects.ts'

const pack = promisify(gzip)

export interface ProjectArchivesDeps {
  projects: Projects
  artefacts: ArtefactStore
  ids: Ids
  reader: ArchiveReader
}

/** What an import asks for beside the archive. */
export interface ImportOrder {
  name?: string | undefined
  slug?: string | undefined
}

export class ProjectArchives {
  readonly #deps: ProjectArchivesDeps

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
    const { head, versions, skipped } = await this.#deps.reader.read(archive)
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
    return { found, skipped }
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

/** The error for an archive that cannot be imported; `reason` is the end of a sentence. */
export function invalidArchive(reason: string): AppError {
  return new AppError('ARCHIVE_INVALID', { params: { reason }, errors: [{ field: 'body', message: reason }] })
}
