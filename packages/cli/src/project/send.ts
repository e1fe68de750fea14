/** One artefact or run to a server: sent, there already, or in conflict with what is there. */
import {
  ARTEFACT_INPUTS,
  type ArtefactKind,
  type ArtefactSpec,
  artefactDocument,
  type DatasetSpec,
  type ModelSpec,
  type NoteKind,
  type RunDescription,
} from '@posterior/contracts'
import { type RunFile, runFileDocument } from '@posterior/project'
import { CommandError } from '../command.ts'
import { reasonOf, type ServerAnswer, type ServerConnection } from './server-connection.ts'

/** What came of sending. `differs`: the server has other content under this name. */
export type Outcome = 'new' | 'unchanged' | 'differs' | 'refused'

export interface Sent {
  kind: ArtefactKind | NoteKind | 'roadmap' | 'run'
  slug: string
  version: string | null
  outcome: Outcome
  /** What to do about it; null when there is nothing to do. */
  message: string | null
}

/** Where artefacts of a kind are on a server. */
export const PLURALS = { prior: 'priors', model: 'models', eval: 'evals', dataset: 'datasets' } as const

/** Where something goes. */
export interface Where {
  /** Of the project; null when a dry run would make it. */
  id: string | null
  /** Ask only. */
  isDry: boolean
}

/** Send one version. @throws CommandError when nothing more can be sent */
export async function sendArtefact(
  server: ServerConnection,
  { id, isDry, kind, spec }: Where & { kind: ArtefactKind; spec: ArtefactSpec },
): Promise<Sent> {
  const { slug, version } = spec
  const path = `/projects/${id}/${PLURALS[kind]}`
  const sent = (outcome: Outcome, message: string | null = null): Sent => {
    return { kind, slug, version, outcome, message }
  }
  if (isDry) {
    if (id === null) return sent('new')
    const found = await server.call('GET', `${path}/${slug}?version=${version}`)
    if (found.status === 404) return sent('new')
    const theirs = specOf(kind, found.json, spec)
    return theirs && isSame(kind, theirs, spec) ? sent('unchanged') : sent('differs', raise(version))
  }
  const answer = await server.call('POST', path, spec)
  if (answer.status === 201) return sent('new')
  if (answer.status === 200) return sent('unchanged')
  if (isConflict(answer)) {
    const { error_code: code } = (answer.json ?? {}) as { error_code?: string }
    const isLower = code === 'VERSION_NOT_HIGHER'
    return sent('differs', isLower ? reasonOf(answer) : raise(version))
  }
  return sent('refused', refusal(answer))
}

function raise(version: string): string {
  return `the server has ${version} with other content; raise the version in the file`
}

/** Send one version of a dataset, whose table the server reads and counts. @throws CommandError when nothing more can be sent */
export async function sendDataset(
  server: ServerConnection,
  { id, isDry, spec, table }: Where & { spec: DatasetSpec; table: Uint8Array },
): Promise<Sent> {
  const { slug, version, filename } = spec
  const path = `/projects/${id}/${PLURALS.dataset}`
  const sent = (outcome: Outcome, message: string | null = null): Sent => {
    return { kind: 'dataset', slug, version, outcome, message }
  }
  if (isDry) {
    if (id === null) return sent('new')
    const found = await server.call('GET', `${path}/${slug}?version=${version}`)
    if (found.status === 404) return sent('new')
    return saidOf(found.json as DatasetSpec) === saidOf(spec)
      ? sent('unchanged')
      : sent('differs', raise(version))
  }
  const form = new FormData()
  form.append('dataset', JSON.stringify(artefactDocument('dataset', spec)))
  form.append('file', new Blob([new Uint8Array(table)]), filename)
  const answer = await server.call('POST', path, form)
  if (answer.status === 201) return sent('new')
  if (answer.status === 200) return sent('unchanged')
  return isConflict(answer) ? sent('differs', raise(version)) : sent('refused', refusal(answer))
}

/** What a dataset says, without what is counted in its table. */
function saidOf(spec: DatasetSpec): string {
  const { name, description, citations, extra, filename, sha256, target, splitColumn } = spec
  return ordered({ name, description, citations, extra, filename, sha256, target, splitColumn })
}

/** The content in an answer, without what the server says beside it. */
function specOf(kind: ArtefactKind, json: unknown, ours: ArtefactSpec): ArtefactSpec | undefined {
  const { data } = ARTEFACT_INPUTS[kind].safeParse(json)
  if (!data) return undefined
  const { extra = {} } = json as { extra?: Record<string, unknown> }
  // Of a model with a brain the server tells what the brain takes.
  const isOpen = kind === 'model' && (ours as ModelSpec).d_in === null
  return { ...data, extra, ...(isOpen && { d_in: null }) }
}

/** Equal as files are equal. */
function isSame(kind: ArtefactKind, theirs: ArtefactSpec, ours: ArtefactSpec): boolean {
  const [a, b] = [theirs, ours].map((spec) => {
    const { code = null } = spec as { code?: string | null }
    return ordered({ ...artefactDocument(kind, spec as never), id: null, code })
  })
  return a === b
}

/** Send a run, which the server queues. @throws CommandError when nothing more can be sent */
export async function sendRun(
  server: ServerConnection,
  { id, isDry, run }: Where & { run: RunFile },
): Promise<Sent> {
  const { slug } = run.order
  const sent = (outcome: Outcome, message: string | null = null): Sent => {
    return { kind: 'run', slug, version: null, outcome, message }
  }
  const compare = async (otherwise: () => Sent): Promise<Sent> => {
    const found = await server.call('GET', `/projects/${id}/runs/${slug}`)
    if (found.status !== 200) return otherwise()
    const theirs = found.json as RunDescription
    if (isSameRun(theirs, run)) return sent('unchanged', `it is ${theirs.status}`)
    return sent('differs', 'the server has another run with this id; choose another id')
  }
  if (isDry) return id === null ? sent('new') : compare(() => sent('new'))
  const answer = await server.call('POST', `/projects/${id}/runs`, run.order)
  if (answer.status < 300) return sent('new', 'the server trains it when its turn comes')
  return isConflict(answer)
    ? compare(() => sent('refused', refusal(answer)))
    : sent('refused', refusal(answer))
}

/** Whether the server's run is the one of the file: what the file leaves open may be anything. */
function isSameRun(theirs: RunDescription, file: RunFile): boolean {
  const ours = runFileDocument(file) as Record<'prior' | 'model', Reference> & {
    hyperparams: object
    evals: Reference[]
  }
  const fits = (wanted: Reference, given: { slug: string; version: string | null }) =>
    key(wanted.id) === key(given.slug) && (wanted.version === undefined || wanted.version === given.version)
  const given = Object.fromEntries(Object.entries(theirs.hyperparams).filter(([, value]) => value !== null))
  return (
    fits(ours.prior, theirs.prior) &&
    fits(ours.model, theirs.model) &&
    ours.evals.length === theirs.evals.length &&
    ours.evals.every((wanted, i) => fits(wanted, theirs.evals[i]!)) &&
    ordered(ours.prior.overrides ?? {}) === ordered(theirs.prior.overrides) &&
    ordered(ours.hyperparams) === ordered(given)
  )
}

interface Reference {
  id: string
  version?: string
  overrides?: object
}

const key = (slug: string) => slug.replaceAll('_', '-')

/** Programs of the field know a conflict by the status, or by the word. */
function isConflict(answer: ServerAnswer): boolean {
  const { error_code: code } = (answer.json ?? {}) as { error_code?: string }
  if (code === 'STUDIO_LIMIT_REACHED') return false
  return answer.status === 409 || (answer.status >= 400 && /\bunique\b/i.test(reasonOf(answer)))
}

/** @throws CommandError for what would be the same for everything else */
function refusal(answer: ServerAnswer): string {
  if (answer.status === 403 || answer.status === 404 || answer.status >= 500) {
    throw new CommandError(`Sending broke off: ${reasonOf(answer)}`)
  }
  return reasonOf(answer)
}

/** JSON in which the order of names does not count. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_, child: unknown) => {
    if (typeof child !== 'object' || child === null || Array.isArray(child)) return child
    return Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
