/** Reads each file of a project by itself, and tells what is wrong with it; what that means is up to the caller. */
import { createHash } from 'node:crypto'
import {
  ARTEFACT_INPUTS,
  type ArtefactKind,
  type ArtefactSpec,
  type DatasetSpec,
  slugSchema,
  studioNameSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import type { TarFile } from './archive/tar-writer.ts'
import type { ForkSource } from './canonical-files.ts'
import { issuesOf } from './issues.ts'
import { PROJECT_FILE, type ProjectHead, ROADMAP_FILE } from './layout.ts'
import { ProjectError } from './project-error.ts'
import { readDocument, type YamlDocument } from './read-yaml.ts'
import { type RunFile, runFileSchema } from './run-file.ts'

/** A field that holds what it may not. */
export interface FieldProblem {
  path: string
  line: number
  field: PropertyKey[]
  message: string
}

/** A version, and the file that it stands in. */
export interface ReadArtefact {
  path: string
  kind: ArtefactKind
  /** Name of its file, or of the folder of a prior. */
  id: string
  /** In `versions/`: not the latest. */
  isEarlier: boolean
  spec: ArtefactSpec
  forkedFrom: ForkSource | null
  /** Of a dataset: the file beside its document, as a view of what was read; null for what has none. */
  table: Uint8Array | null
}

/** A run, and the file that it stands in. */
export interface ReadRun {
  path: string
  id: string
  run: RunFile
}

export interface ReadFiles {
  head: Partial<ProjectHead>
  /** In the order of the paths. */
  documents: ReadArtefact[]
  /** Empty unless they are asked for. */
  runs: ReadRun[]
  /** Paths of files that are no part of the above. */
  left: string[]
  /** All files by these paths. */
  files: ReadonlyMap<string, Uint8Array>
}

/** What a file holds before a schema has read it. */
export interface RawDocument {
  path: string
  kind: ArtefactKind | 'run' | 'project'
  fields: Record<string, unknown>
  lineOf: YamlDocument['lineOf']
}

export interface ReadHooks {
  onField: (problem: FieldProblem) => void
  /** A file that cannot be read at all. */
  onFile: (error: ProjectError) => void
  onDocument?: (document: RawDocument) => void
  /** Whether run files are read too; default no. */
  withRuns?: boolean
}

const DOCUMENTS: readonly (readonly [ArtefactKind | 'run', RegExp])[] = [
  ['prior', /^priors\/(?<id>[^/]+)\/prior\.(ya?ml|json)$/],
  ['prior', /^versions\/priors\/(?<id>[^/]+)\/[^/]+\/prior\.(ya?ml|json)$/],
  ['model', /^(versions\/models\/[^/]+\/[^/]+|models)\/(?<id>[^/]+)\.(ya?ml|json)$/],
  ['eval', /^(versions\/evals\/[^/]+\/[^/]+|evals)\/(?<id>[^/]+)\.(ya?ml|json)$/],
  ['dataset', /^datasets\/(?<id>[^/]+)\/dataset\.(ya?ml|json)$/],
  ['dataset', /^versions\/datasets\/(?<id>[^/]+)\/[^/]+\/dataset\.(ya?ml|json)$/],
  // Files of results beside them have a dot more.
  ['run', /^runs\/(?<id>[^/.]+)\.(ya?ml|json)$/],
]

const headSchema = z.looseObject({
  name: studioNameSchema.nullish(),
  slug: slugSchema.nullish(),
  description: z.string().max(10_000).nullish(),
})

const forkSchema = z.object({ name: z.string(), slug: z.string(), version: z.string() })

/** Read all files; problems go to the hooks, which may throw. */
export function readFiles(files: readonly TarFile[], hooks: ReadHooks): ReadFiles {
  const reader = new Reader(new Map(withoutRoot(files).map(({ path, bytes }) => [path, bytes])), hooks)
  return reader.read()
}

/** Archives of repositories have everything in one folder, which says nothing. */
function withoutRoot(files: readonly TarFile[]): readonly TarFile[] {
  const roots = new Set(files.map(({ path }) => path.split('/')[0]))
  const [root = ''] = roots
  const isOne = roots.size === 1 && files.every(({ path }) => path.includes('/'))
  if (!isOne || ['priors', 'models', 'evals', 'datasets', 'versions', 'runs'].includes(root)) return files
  return files.map(({ path, bytes }) => ({ path: path.slice(root.length + 1), bytes }))
}

class Reader {
  readonly #files: ReadonlyMap<string, Uint8Array>
  readonly #hooks: ReadHooks
  readonly #used = new Set<string>([PROJECT_FILE, ROADMAP_FILE])

  constructor(files: ReadonlyMap<string, Uint8Array>, hooks: ReadHooks) {
    this.#files = files
    this.#hooks = hooks
  }

  read(): ReadFiles {
    const documents: ReadArtefact[] = []
    const runs: ReadRun[] = []
    const head = this.#guarded(() => this.#readHead()) ?? {}
    for (const path of [...this.#files.keys()].sort()) {
      const found = DOCUMENTS.map(([kind, pattern]) => ({
        kind,
        id: pattern.exec(path)?.groups?.['id'],
      })).find(({ id }) => id !== undefined)
      if (found?.id === undefined) continue
      const { kind, id } = found
      if (kind === 'run') {
        if (!this.#hooks.withRuns) continue
        const run = this.#guarded(() => this.#readRun(path, id))
        if (run) runs.push(run)
      } else {
        const artefact = this.#guarded(() => this.#readArtefact(path, kind, id))
        if (artefact) documents.push(artefact)
      }
    }
    const left = [...this.#files.keys()].filter((path) => !this.#used.has(path))
    return { head, documents, runs, left, files: this.#files }
  }

  #guarded<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ProjectError)) throw error
      this.#hooks.onFile(error)
      return undefined
    }
  }

  #readHead(): Partial<ProjectHead> {
    const document = this.#files.has(PROJECT_FILE) ? this.#open(PROJECT_FILE, 'project') : undefined
    const roadmap = this.#text(ROADMAP_FILE)
    const { data, error } = headSchema.safeParse(document ? document.fields : {})
    if (error && document) this.#tell(document, error)
    const { name, slug, description } = data ?? {}
    return {
      ...(name != null && { name }),
      ...(slug != null && { slug }),
      ...(description != null && { description }),
      ...(roadmap !== undefined && { roadmap }),
    }
  }

  #readArtefact(path: string, kind: ArtefactKind, id: string): ReadArtefact | undefined {
    const document = this.#open(path, kind)
    if (!document) return undefined
    const { forked_from: source, ...fields } = document.fields
    const side = this.#sideFiles({ path, kind, id, fields })
    const isNamed = fields['id'] != null || fields['slug'] != null || fields['name'] != null
    const { data, error } = (ARTEFACT_INPUTS[kind] as z.ZodType<ArtefactSpec>).safeParse({
      ...(!isNamed && { id }),
      ...fields,
      ...side,
    })
    if (error) return this.#tell(document, error)
    const forkedFrom = forkSchema.safeParse(source).data ?? null
    const table = kind === 'dataset' ? this.#table(document, data as DatasetSpec) : null
    return { path, kind, id, isEarlier: path.startsWith('versions/'), spec: data, forkedFrom, table }
  }

  /** The table of a dataset; told as a problem of the document where it is missing. */
  #table({ path, lineOf }: RawDocument, spec: DatasetSpec): Uint8Array | null {
    const { filename } = spec
    const place = path.slice(0, path.lastIndexOf('/') + 1) + filename
    const bytes = this.#files.get(place)
    if (bytes) {
      this.#used.add(place)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      if (spec.sha256 !== null && spec.sha256 !== sha256) {
        const message = `is ${spec.sha256}, and ${filename} has ${sha256}`
        this.#hooks.onField({ path, line: lineOf(['sha256']), field: ['sha256'], message })
      }
      spec.sha256 = sha256
      return bytes
    }
    const field = ['filename']
    this.#hooks.onField({ path, line: lineOf(field), field, message: `names ${place}, which is not there` })
    return null
  }

  #readRun(path: string, id: string): ReadRun | undefined {
    const document = this.#open(path, 'run')
    if (!document) return undefined
    const isNamed = document.fields['id'] != null || document.fields['slug'] != null
    const { data, error } = runFileSchema.safeParse({ ...(!isNamed && { id }), ...document.fields })
    if (error) return this.#tell(document, error)
    return { path, id, run: data }
  }

  #open(path: string, kind: RawDocument['kind']): RawDocument | undefined {
    this.#used.add(path)
    const { value, lineOf } = readDocument(this.#text(path) ?? '', path)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (kind !== 'project' || value !== null) {
        this.#hooks.onField({ path, line: 1, field: [], message: 'must hold fields' })
      }
      return undefined
    }
    const document = { path, kind, fields: value as Record<string, unknown>, lineOf }
    this.#hooks.onDocument?.(document)
    return document
  }

  #tell({ path, lineOf }: RawDocument, error: z.ZodError): undefined {
    for (const { path: field, message } of issuesOf(error)) {
      this.#hooks.onField({ path, line: lineOf(field), field, message })
    }
    return undefined
  }

  /** Code, rationale and requirements from the files beside a document. */
  #sideFiles(document: {
    path: string
    kind: ArtefactKind
    id: string
    fields: Record<string, unknown>
  }): Record<string, string> {
    const folder = document.path.slice(0, document.path.lastIndexOf('/') + 1)
    const take = (name: string) => {
      const text = this.#text(folder + name)
      if (text !== undefined) this.#used.add(folder + name)
      return text
    }
    const side: Record<string, string | undefined> = {}
    if (document.kind === 'dataset' && document.fields['filename'] == null) {
      const named = [`${document.id}.csv`, `${document.id}.parquet`, 'data.csv', 'data.parquet']
      side['filename'] = named.find((name) => this.#files.has(folder + name))
    }
    if (document.kind === 'eval') side['code'] = take(`${document.id}.py`)
    if (document.kind === 'prior') {
      const named = document.fields['implementation']
      const candidates =
        typeof named === 'string' ? [named] : ['prior.py', 'prior.ts', 'prior.js', 'prior.mjs']
      const implementation = candidates.find((name) => this.#files.has(folder + name))
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

  #text(path: string): string | undefined {
    const bytes = this.#files.get(path)
    if (!bytes) return undefined
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (error) {
      throw ProjectError.file({ path, line: null }, 'is not UTF-8.', error)
    }
  }
}
