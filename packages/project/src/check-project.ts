/**
 * What is wrong with the files of a project, and what is only written in another form than the published one: errors keep it
 * from being used, warnings do not.
 */
import { isMachineField, type PriorSpec, slugKey } from '@posterior/contracts'
import type { TarFile } from './archive/tar-writer.ts'
import { artefactLookup } from './artefact-lookup.ts'
import { checkReferences } from './check-references.ts'
import { checkInitiatives, citedWorks } from './check-texts.ts'
import { issuesOf } from './issues.ts'
import { PUBLISHED_FORMS, renamedFields } from './published-forms.ts'
import { type RawDocument, type ReadArtefact, type ReadFiles, readFiles } from './read-files.ts'
import {
  type ArtefactLookup,
  RecipeError,
  type ResolvedRecipe,
  type RunRecipe,
  resolveRecipe,
} from './run-recipe.ts'

/** One thing to say about a file. */
export interface Finding {
  severity: 'error' | 'warning'
  path: string
  /** From 1; null when it is about the file as a whole. */
  line: number | null
  /** Such as `hyperparams.steps`; null when it is about the file. */
  field: string | null
  message: string
}

export interface CheckHooks {
  /**
   * Whether this can be used, beyond what its schema says.
   *
   * @returns what is wrong in files beside it
   * @throws RecipeError that names a field of it
   */
  checkArtefact?: (artefact: ReadArtefact) => readonly Finding[] | Promise<readonly Finding[]>
  /** Whether this can be trained, beyond what the files tell. @throws RecipeError */
  checkRecipe?: (recipe: ResolvedRecipe, artefacts: ArtefactLookup) => void | Promise<void>
}

/** What was read, as far as it could be, and everything to say about it, by file and line. */
export interface CheckedProject extends ReadFiles {
  findings: Finding[]
}

/** Check every file of a project. */
export async function checkProject(
  files: readonly TarFile[],
  hooks: CheckHooks = {},
): Promise<CheckedProject> {
  const check = new Check()
  const read = readFiles(files, {
    withRuns: true,
    onDocument: (document) => check.form(document),
    onField: ({ path, line, field, message }) => {
      // What a file records of the past need not be possible here.
      const severity = check.isRecord(path) ? 'warning' : 'error'
      check.add({ severity, path, line, field: field.join('.') || null, message })
    },
    onFile: ({ place, reason, message }) =>
      check.add({
        severity: 'error',
        path: place?.path ?? '',
        line: place?.line ?? null,
        field: null,
        message: place ? reason : message,
      }),
  })
  checkReferences(read, citedWorks(files), check)
  checkInitiatives(files, check)
  for (const artefact of read.documents) await checkArtefact(artefact, check, hooks)
  await checkRuns(read, check, hooks)
  return { ...read, findings: check.sorted() }
}

/** Collects findings; knows the lines of the documents that were read. */
export class Check {
  readonly #findings: Finding[] = []
  readonly #documents = new Map<string, RawDocument>()

  add(finding: Finding): void {
    this.#findings.push(finding)
  }

  /** Say something about a field of a document. */
  tell(severity: Finding['severity'], path: string, field: readonly PropertyKey[], message: string): void {
    const line = this.#documents.get(path)?.lineOf(field) ?? null
    this.add({ severity, path, line, field: field.join('.') || null, message })
  }

  /** Compare a document with the published schema. */
  form(document: RawDocument): void {
    const { path, kind, fields } = document
    this.#documents.set(path, document)
    if (kind === 'project') return
    const renamed = renamedFields(fields)
    const targets = new Set<PropertyKey>(renamed.map(({ to }) => to))
    for (const { from, to } of renamed) this.tell('warning', path, [from], `is read as "${to}"`)
    const { error } = PUBLISHED_FORMS[kind].safeParse(withoutNulls(fields))
    for (const { path: field, message } of error ? issuesOf(error) : []) {
      if (targets.has(field[0] ?? '')) continue
      const isSlug = field.at(-1) === 'id' && message === 'is missing' && hasSlug(fields, field.slice(0, -1))
      this.tell('warning', path, field, isSlug ? 'is missing, "slug" is read for it' : message)
    }
    for (const field of machineFields(fields)) {
      this.tell('warning', path, field, 'tells of a machine; it is read over and left out of archives')
    }
  }

  /** Whether a run file says what came of the run. */
  isRecord(path: string): boolean {
    const document = this.#documents.get(path)
    return document?.kind === 'run' && document.fields['results'] != null
  }

  sorted(): Finding[] {
    const errors = new Set(this.#findings.filter(({ severity }) => severity === 'error').map(placeOf))
    // An error at a place says all there is to say there.
    const kept = this.#findings.filter((one) => one.severity === 'error' || !errors.has(placeOf(one)))
    return kept.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : (a.line ?? 0) - (b.line ?? 0)))
  }
}

function placeOf({ path, field }: Finding): string {
  return `${path}: ${field}`
}

/** Whether what stands at this path has a slug. */
function hasSlug(fields: unknown, path: readonly PropertyKey[]): boolean {
  const inner = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], fields)
  return (inner as { slug?: unknown } | undefined)?.slug != null
}

/** An absent field and one without a value mean the same. */
function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

function machineFields(fields: Record<string, unknown>): string[][] {
  const within = (name: string) => {
    const value = fields[name]
    return typeof value === 'object' && value !== null ? Object.keys(value).map((key) => [name, key]) : []
  }
  const all = [...Object.keys(fields).map((key) => [key]), ...within('compute'), ...within('results')]
  return all.filter((path) => isMachineField(path.at(-1)!))
}

async function checkArtefact(
  artefact: ReadArtefact,
  check: Check,
  { checkArtefact: use }: CheckHooks,
): Promise<void> {
  try {
    for (const finding of (await use?.(artefact)) ?? []) check.add(finding)
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error
    // What is over cannot be changed any more.
    const severity = artefact.isEarlier ? 'warning' : 'error'
    check.tell(severity, artefact.path, error.field.split('.'), error.reason)
  }
}

async function checkRuns(read: ReadFiles, check: Check, { checkRecipe }: CheckHooks): Promise<void> {
  const lookup = artefactLookup(read.documents)
  for (const { path, run } of read.runs) {
    const severity = check.isRecord(path) ? 'warning' : 'error'
    try {
      const recipe = await resolveRecipe(lookup, run.order)
      await checkRecipe?.(recipe, lookup)
      checkOwnPrior(read.documents, recipe, path, check)
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error
      check.tell(severity, path, error.field.split('.'), error.reason)
    }
    if (run.target !== null && run.target !== 'local') {
      const message = `"${run.target}" is not honoured: runs train on this machine, or on a server's`
      check.tell('warning', path, ['compute', 'target'], message)
    }
  }
}

/** A prior that is trained on needs its code. */
function checkOwnPrior(
  documents: readonly ReadArtefact[],
  { prior }: RunRecipe,
  path: string,
  check: Check,
): void {
  const own = documents.find(
    ({ kind, spec }) =>
      kind === 'prior' && slugKey(spec.slug) === slugKey(prior.slug) && spec.version === prior.version,
  )
  const spec = own?.spec as PriorSpec | undefined
  if (!own || !spec || spec.code !== null) return
  const message = `"${prior.slug}" has no code: ${own.path.replace(/[^/]+$/, spec.implementation)} is missing`
  check.tell('error', path, ['prior'], message)
}
