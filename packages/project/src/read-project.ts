/** What the files of a project say: the project and its artefacts, and which files say nothing that is kept. */
import { type ArtefactKind, type ArtefactSpec, compareVersions, slugKey } from '@posterior/contracts'
import type { TarFile } from './archive/tar-writer.ts'
import type { ForkSource } from './canonical-files.ts'
import type { ProjectHead } from './layout.ts'
import { type NoteFile, readNote } from './notes.ts'
import { ProjectError } from './project-error.ts'
import { type FieldProblem, type ReadFiles, readFiles } from './read-files.ts'
import type { RunFile } from './run-file.ts'

/** A version as an archive has it. */
export interface ReadVersion {
  kind: ArtefactKind
  spec: ArtefactSpec
  forkedFrom: ForkSource | null
  /** Of a dataset: the file beside its document. */
  table: Uint8Array | null
}

/** A run as an archive has it. */
export interface ReadRunRecord {
  path: string
  run: RunFile
  /** Its brain as it came, not looked at; null when there is none. */
  brain: { path: string; manifest: Uint8Array; weights: Uint8Array } | null
}

export interface ReadProject {
  head: Partial<ProjectHead>
  /** Versions of one artefact are in rising order. */
  versions: ReadVersion[]
  /** Initiatives and literature. */
  notes: NoteFile[]
  runs: ReadRunRecord[]
  skipped: { path: string; reason: string }[]
}

/** Files of the brain of `runs/ID.yaml`, in `runs/ID/model`. */
export const BRAIN_FILES = ['manifest.json', 'model.safetensors'] as const

/** Why files are left out, by where they are. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\/wheels\//, 'this server runs no Python, so that it has no use for wheels'],
  [/^blocks\//, 'blocks of a project are not stored'],
  [/^runs\//, 'it is no run, and no part of the brain of one'],
  [/^(initiatives|literature)\//, 'it is no initiative, no summary of a work and not the bibliography'],
  [/^/, 'it is not part of the layout of a project'],
]

/**
 * Read all files.
 *
 * @throws ProjectError that names files and fields
 */
export function readProject(files: readonly TarFile[]): ReadProject {
  const problems: FieldProblem[] = []
  // A run that cannot be read is left out; what it was made from may be whole.
  const unread = new Map<string, string>()
  const read = readFiles(files, {
    withRuns: true,
    onField: (problem) => {
      if (!isRunPath(problem.path)) problems.push(problem)
      else unread.set(problem.path, `${problem.field.join('.')} ${problem.message}`.trim())
    },
    onFile: (error) => {
      if (!isRunPath(error.place?.path)) throw error
      unread.set(error.place!.path, error.reason)
    },
  })
  const { head, documents } = read
  if (problems.length > 0) throw ProjectError.fields(problems.map(fieldError))
  const { runs, left: others } = withBrains(read)
  const found = others.map((path) => ({ path, note: readNote({ path, bytes: read.files.get(path)! }) }))
  const left = found.flatMap(({ path, note }) => (note ? [] : [path]))
  // Tables are copies: a view would take the whole archive along to where it is sent.
  const versions = documents.map(({ kind, spec, forkedFrom, table }) => {
    return { kind, spec, forkedFrom, table: table && new Uint8Array(table) }
  })
  refuseTwins(versions)
  versions.sort((a, b) => compareVersions(a.spec.version, b.spec.version))
  return {
    head,
    versions: withOneSpelling(versions),
    notes: found.flatMap(({ note }) => (note ? [note] : [])),
    runs,
    skipped: [
      ...[...unread].map(([path, reason]) => ({ path, reason })),
      ...left.map((path) => ({ path, reason: REASONS.find(([where]) => where.test(path))![1] })),
    ].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

function isRunPath(path: string | undefined): boolean {
  return path?.startsWith('runs/') ?? false
}

/** Runs with their brains, and the files that are neither. */
function withBrains({ runs, left, files }: Pick<ReadFiles, 'runs' | 'left' | 'files'>): {
  runs: ReadRunRecord[]
  left: string[]
} {
  const rest = new Set(left)
  const records = runs.map(({ path, id, run }): ReadRunRecord => {
    const folder = `runs/${id}/model`
    const [manifest, weights] = BRAIN_FILES.map((name) => files.get(`${folder}/${name}`))
    if (!manifest || !weights) return { path, run, brain: null }
    for (const name of BRAIN_FILES) rest.delete(`${folder}/${name}`)
    // Copies: a view would take the whole archive along to where it is sent.
    return {
      path,
      run,
      brain: { path: folder, manifest: new Uint8Array(manifest), weights: new Uint8Array(weights) },
    }
  })
  return { runs: records, left: [...rest] }
}

function fieldError({ path, field, message }: FieldProblem) {
  return { field: `${path}: ${field.join('.')}`, message }
}

function refuseTwins(versions: readonly ReadVersion[]): void {
  const seen = new Set<string>()
  for (const { kind, spec } of versions) {
    const key = `${kind} ${slugKey(spec.slug)} ${spec.version}`
    if (seen.has(key)) throw ProjectError.archive(`it has the ${kind} "${spec.slug}" ${spec.version} twice.`)
    seen.add(key)
  }
}

/** Versions of one artefact may spell its slug with `-` and with `_`; the first spelling stays. */
export function withOneSpelling<V extends { kind: ArtefactKind; spec: ArtefactSpec }>(
  versions: readonly V[],
): V[] {
  const first = new Map<string, string>()
  return versions.map((version) => {
    const key = `${version.kind} ${slugKey(version.spec.slug)}`
    const slug = first.get(key) ?? version.spec.slug
    first.set(key, slug)
    return { ...version, spec: { ...version.spec, slug } }
  })
}
