/** What the files of an archive say: the project and its artefacts, and which files say nothing that is kept. */
import {
  ARTEFACT_INPUTS,
  type ArtefactKind,
  type ArtefactSpec,
  compareVersions,
  type FieldError,
  slugKey,
  slugSchema,
  studioNameSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import type { TarFile } from './archive/tar-writer.ts'
import type { ForkSource } from './canonical-files.ts'
import { PROJECT_FILE, type ProjectHead, ROADMAP_FILE } from './layout.ts'
import { ProjectError } from './project-error.ts'
import { readYaml } from './read-yaml.ts'

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

const DOCUMENTS: readonly (readonly [ArtefactKind, RegExp])[] = [
  ['prior', /^priors\/(?<id>[^/]+)\/prior\.(ya?ml|json)$/],
  ['prior', /^versions\/priors\/(?<id>[^/]+)\/[^/]+\/prior\.(ya?ml|json)$/],
  ['model', /^(versions\/models\/[^/]+\/[^/]+|models)\/(?<id>[^/]+)\.(ya?ml|json)$/],
  ['eval', /^(versions\/evals\/[^/]+\/[^/]+|evals)\/(?<id>[^/]+)\.(ya?ml|json)$/],
]

/** Why files are left out, by where they are. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\/wheels\//, 'this server runs no Python, so that it has no use for wheels'],
  [/^blocks\//, 'blocks of a project are not stored'],
  [/^runs\//, 'runs are not stored'],
  [/^(initiatives|literature)\//, 'initiatives and literature are not stored'],
  [/^/, 'it is not part of the layout of a project'],
]

const headSchema = z.looseObject({
  name: studioNameSchema.nullish(),
  slug: slugSchema.nullish(),
  description: z.string().max(10_000).nullish(),
})

const forkSchema = z.object({ name: z.string(), slug: z.string(), version: z.string() })

/**
 * Read all files.
 *
 * @throws ProjectError that names files and fields
 */
export function readProject(files: readonly TarFile[]): ReadProject {
  const byPath = new Map(withoutRoot(files).map(({ path, bytes }) => [path, bytes]))
  const used = new Set<string>([PROJECT_FILE, ROADMAP_FILE])
  const errors: FieldError[] = []
  const head = readHead(byPath, errors)
  const versions: ReadVersion[] = []
  for (const path of [...byPath.keys()].sort()) {
    const found = DOCUMENTS.map(([kind, pattern]) => ({ kind, id: pattern.exec(path)?.groups?.['id'] })).find(
      ({ id }) => id !== undefined,
    )
    if (!found?.id) continue
    const read = readVersion({ path, kind: found.kind, id: found.id }, byPath, used)
    if ('errors' in read) errors.push(...read.errors)
    else versions.push(read)
  }
  if (errors.length > 0) throw ProjectError.fields(errors)
  refuseTwins(versions)
  versions.sort((a, b) => compareVersions(a.spec.version, b.spec.version))
  const left = [...byPath.keys()].filter((path) => !used.has(path))
  return {
    head,
    versions: withOneSpelling(versions),
    skipped: left.map((path) => ({ path, reason: REASONS.find(([where]) => where.test(path))![1] })),
  }
}

/** Archives of repositories have everything in one folder, which says nothing. */
function withoutRoot(files: readonly TarFile[]): readonly TarFile[] {
  const roots = new Set(files.map(({ path }) => path.split('/')[0]))
  const [root = ''] = roots
  const isOne = roots.size === 1 && files.every(({ path }) => path.includes('/'))
  if (!isOne || ['priors', 'models', 'evals', 'versions'].includes(root)) return files
  return files.map(({ path, bytes }) => ({ path: path.slice(root.length + 1), bytes }))
}

function readHead(files: ReadonlyMap<string, Uint8Array>, errors: FieldError[]): Partial<ProjectHead> {
  const text = textOf(files, PROJECT_FILE)
  const roadmap = textOf(files, ROADMAP_FILE)
  const { data, error } = headSchema.safeParse(text === undefined ? {} : readYaml(text, PROJECT_FILE))
  if (error) errors.push(...fieldErrors(PROJECT_FILE, error))
  const { name, slug, description } = data ?? {}
  return {
    ...(name != null && { name }),
    ...(slug != null && { slug }),
    ...(description != null && { description }),
    ...(roadmap !== undefined && { roadmap }),
  }
}

function readVersion(
  { path, kind, id }: { path: string; kind: ArtefactKind; id: string },
  files: ReadonlyMap<string, Uint8Array>,
  used: Set<string>,
): ReadVersion | { errors: FieldError[] } {
  used.add(path)
  const value = readYaml(textOf(files, path) ?? '', path)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { errors: [{ field: path, message: 'must hold fields' }] }
  }
  const { forked_from: source, ...fields } = value as Record<string, unknown>
  const side = sideFiles({ path, kind, id, fields }, files, used)
  const isNamed = fields['id'] != null || fields['slug'] != null || fields['name'] != null
  const { data, error } = (ARTEFACT_INPUTS[kind] as z.ZodType<ArtefactSpec>).safeParse({
    ...(!isNamed && { id }),
    ...fields,
    ...side,
  })
  if (error) return { errors: fieldErrors(path, error) }
  return { kind, spec: data, forkedFrom: forkSchema.safeParse(source).data ?? null }
}

/** Code, rationale and requirements from the files beside a document. */
function sideFiles(
  document: { path: string; kind: ArtefactKind; id: string; fields: Record<string, unknown> },
  files: ReadonlyMap<string, Uint8Array>,
  used: Set<string>,
): Record<string, string> {
  const folder = document.path.slice(0, document.path.lastIndexOf('/') + 1)
  const take = (name: string) => {
    const text = textOf(files, folder + name)
    if (text !== undefined) used.add(folder + name)
    return text
  }
  const side: Record<string, string | undefined> = {}
  if (document.kind === 'eval') side['code'] = take(`${document.id}.py`)
  if (document.kind === 'prior') {
    const named = document.fields['implementation']
    const candidates = typeof named === 'string' ? [named] : ['prior.py', 'prior.ts', 'prior.js', 'prior.mjs']
    const implementation = candidates.find((name) => files.has(folder + name))
    if (implementation !== undefined) {
      side['implementation'] = implementation
      side['code'] = take(implementation)
    }
    if (document.fields['rationale'] == null) side['rationale'] = take('prior.md')
    if (document.fields['requirements'] == null) side['requirements'] = take('requirements.txt')
  }
  return Object.fromEntries(
    Object.entries(side).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function textOf(files: ReadonlyMap<string, Uint8Array>, path: string): string | undefined {
  const bytes = files.get(path)
  if (!bytes) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw ProjectError.archive(`${path} is not UTF-8.`, error)
  }
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
function withOneSpelling(versions: readonly ReadVersion[]): ReadVersion[] {
  const first = new Map<string, string>()
  return versions.map((version) => {
    const key = `${version.kind} ${slugKey(version.spec.slug)}`
    const slug = first.get(key) ?? version.spec.slug
    first.set(key, slug)
    return { ...version, spec: { ...version.spec, slug } }
  })
}

function fieldErrors(path: string, error: z.ZodError): FieldError[] {
  return error.issues.map((issue) => ({ field: `${path}: ${issue.path.join('.')}`, message: issue.message }))
}
