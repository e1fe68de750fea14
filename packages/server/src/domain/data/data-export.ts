/**
 * Everything that an account has on the server, as the entries of an archive: the files as they were uploaded, the projects
 * that it owns, and a manifest that says what they are and which models were fitted. Only what describes the files is held in
 * memory; their bytes are read when an entry is.
 */
import type { BlobStore } from '../ports/blobs.ts'
import type { Account, Fit, Stores, Upload, UploadFile } from '../ports/stores.ts'
import type { MemberProject, Project } from '../ports/studio.ts'
import type { ProjectArchives } from '../studio/archive/archives.ts'
import type { Projects } from '../studio/projects.ts'
import { fileName } from '../uploads/file-names.ts'

/** One file of an archive. */
export interface ArchiveEntry {
  /** Relative, with `/`. */
  path: string
  /** Milliseconds since 1970. */
  modifiedAt: number
  /** Whether packing makes it smaller; Parquet is packed already. */
  isCompressible: boolean
  /** Reads the bytes; called once. */
  read(): AsyncIterable<Uint8Array>
}

/** What the manifest says of one file. */
interface FileDescription {
  /** Path in the archive; null for a file that has not arrived completely. */
  path: string | null
  format: string
  size_bytes: number | null
  crc32c: string | null
}

export interface DataExportDeps {
  stores: Pick<Stores, 'uploads' | 'fits'>
  blobs: BlobStore
  /** Projects of the studio. */
  projects: Pick<Projects, 'list'>
  archives: Pick<ProjectArchives, 'export'>
}

export class DataExport {
  readonly #deps: DataExportDeps

  constructor(deps: DataExportDeps) {
    this.#deps = deps
  }

  /** The entries of the account's archive; the first is `manifest.json`. */
  async of(account: Account, now: number): Promise<ArchiveEntry[]> {
    const { uploads, fits } = this.#deps.stores
    const entries: ArchiveEntry[] = []
    const datasets = []
    for (const upload of await uploads.list(account.id)) {
      const files: Record<string, FileDescription> = {}
      for (const file of upload.files) {
        const entry = await this.#entry(upload, file)
        if (entry) entries.push(entry)
        files[fileName(upload.kind, file.role)] = describeFile(file, entry?.path ?? null)
      }
      datasets.push({ ...describeUpload(upload), files })
    }
    const projects = (await this.#deps.projects.list(account.id)).filter(({ role }) => role === 'owner')
    entries.push(...projects.map((found) => this.#projectEntry(account, found)))
    const manifest = {
      format: 1,
      exported_at: isoTime(now),
      account: { id: account.id, name: account.name, created_at: isoTime(account.createdAt) },
      datasets,
      fitted_models: (await fits.list(account.id)).map(describeFit),
      projects: projects.map(describeProject),
    }
    return [textEntry('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`, now), ...entries]
  }

  #projectEntry(account: Account, { project }: MemberProject): ArchiveEntry {
    const { archives } = this.#deps
    async function* read() {
      yield (await archives.export(account.id, project.id, { isBounded: false })).bytes
    }
    return { path: projectPath(project), modifiedAt: project.updatedAt, isCompressible: false, read }
  }

  async #entry(upload: Upload, file: UploadFile): Promise<ArchiveEntry | undefined> {
    if (file.state === 'open') return undefined
    const { blobs, stores } = this.#deps
    const parts = file.blobKey === null ? await stores.uploads.parts(upload.id, file.role) : []
    const keys = file.blobKey === null ? parts.map((part) => part.blobKey) : [file.blobKey]
    return {
      path: `datasets/${upload.id}/${fileName(upload.kind, file.role)}.${file.format}`,
      modifiedAt: upload.createdAt,
      isCompressible: file.format === 'csv',
      read: () => blobs.read(keys),
    }
  }
}

function textEntry(path: string, text: string, modifiedAt: number): ArchiveEntry {
  async function* read() {
    yield new TextEncoder().encode(text)
  }
  return { path, modifiedAt, isCompressible: true, read }
}

function projectPath({ id }: Project): string {
  return `projects/${id}.tar.gz`
}

function describeProject({ project }: MemberProject) {
  const { id, slug, name, createdAt } = project
  return { id, slug, name, created_at: isoTime(createdAt), path: projectPath(project) }
}

function describeUpload(upload: Upload) {
  return {
    uid: upload.id,
    kind: upload.kind,
    fitted_train_set_id: upload.fittedTrainSetId,
    description: upload.description,
    created_at: isoTime(upload.createdAt),
  }
}

function describeFile(file: UploadFile, path: string | null): FileDescription {
  return { path, format: file.format, size_bytes: file.sizeBytes, crc32c: file.hash }
}

function describeFit(fit: Fit) {
  return {
    fitted_train_set_id: fit.id,
    train_set_uid: fit.trainSetUploadId,
    task: fit.task,
    config: fit.config,
    model: fit.model,
    status: fit.status,
    train_rows: fit.trainRows,
    columns: fit.columns,
    classes: fit.classes,
    error_code: fit.errorCode,
    created_at: isoTime(fit.createdAt),
    completed_at: fit.completedAt === null ? null : isoTime(fit.completedAt),
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
