/** What the files of a project say: the project and its artefacts, and which files say nothing that is kept. */
import { type ArtefactKind, type ArtefactSpec, compareVersions, slugKey } from '@posterior/contracts'
import type { TarFile } from './archive/tar-writer.ts'
import type { ForkSource } from './canonical-files.ts'
import type { ProjectHead } from './layout.ts'
import { ProjectError } from './project-error.ts'
import { type FieldProblem, readFiles } from './read-files.ts'

/** A version as an archive has it. */
export interface ReadVersion {
  kind: ArtefactKind
  spec: ArtefactSpec
  forkedFrom: ForkSource | null
}

export interface ReadProject {
  head: Partial<ProjectHead>
  /** Versions of one artefact are in rising order. */
  versions: ReadVersion[]
  skipped: { path: string; reason: string }[]
}

/** Why files are left out, by where they are. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\/wheels\//, 'this server runs no Python, so that it has no use for wheels'],
  [/^blocks\//, 'blocks of a project are not stored'],
  [/^runs\//, 'runs are not stored'],
  [/^(initiatives|literature)\//, 'initiatives and literature are not stored'],
  [/^/, 'it is not part of the layout of a project'],
]

/**
 * Read all files.
 *
 * @throws ProjectError that names files and fields
 */
export function readProject(files: readonly TarFile[]): ReadProject {
  const problems: FieldProblem[] = []
  const { head, documents, left } = readFiles(files, {
    onField: (problem) => problems.push(problem),
    onFile: (error) => {
      throw error
    },
  })
  if (problems.length > 0) throw ProjectError.fields(problems.map(fieldError))
  const versions = documents.map(({ kind, spec, forkedFrom }) => ({ kind, spec, forkedFrom }))
  refuseTwins(versions)
  versions.sort((a, b) => compareVersions(a.spec.version, b.spec.version))
  return {
    head,
    versions: withOneSpelling(versions),
    skipped: left.map((path) => ({ path, reason: REASONS.find(([where]) => where.test(path))![1] })),
  }
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
