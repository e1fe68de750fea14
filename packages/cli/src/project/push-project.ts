/** `posterior push`: send what a folder has and a server has not. */
import { basename, resolve } from 'node:path'
import { type DatasetSpec, slugOf } from '@posterior/contracts'
import {
  type CheckedProject,
  findTable,
  type NoteFile,
  readNote,
  wholeArtefacts,
  withOneSpelling,
} from '@posterior/project'
import { alignColumns, toJson } from '../admin/print.ts'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { openProject } from './open-project.ts'
import { type Outcome, PLURALS, type Sent, sendArtefact, sendDataset, sendRun } from './send.ts'
import { sendNote, sendRoadmap } from './send-texts.ts'
import { connectTo, requireSuccess, type ServerConnection } from './server-connection.ts'
import { counted } from './validate-project.ts'

export interface PushRequest {
  values: OptionValues
  folder: string | undefined
  context: CommandContext
}

const KINDS = [
  'priors',
  'models',
  'evals',
  'datasets',
  'roadmap',
  'initiatives',
  'literature',
  'runs',
] as const
type Kind = (typeof KINDS)[number]

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  new: 'sent',
  unchanged: 'unchanged',
  differs: 'NOT SENT',
  refused: 'NOT SENT',
}

/** Run the command. @returns 0, or 1 when something was not sent */
export async function pushProject({ values, folder = '.', context }: PushRequest): Promise<number> {
  const kinds = readKinds(values['only'] as string | undefined)
  const root = resolve(folder)
  const project = await openProject(root)
  const server = connectTo(values['url'] as string | undefined, context)
  const isDry = values['dry-run'] === true
  const id = await targetProject({ project, root, server, values })
  const sent: Sent[] = []
  for (const { artefact, specs } of wholeArtefacts(withOneSpelling(project.documents))) {
    if (!kinds.includes(PLURALS[artefact.kind])) continue
    for (const spec of specs) {
      const table = artefact.kind === 'dataset' ? findTable(project.documents, spec) : null
      sent.push(
        table
          ? await sendDataset(server, { id, isDry, spec: spec as DatasetSpec, table })
          : await sendArtefact(server, { id, isDry, kind: artefact.kind, spec }),
      )
    }
  }
  const { roadmap } = project.head
  if (roadmap !== undefined && kinds.includes('roadmap')) {
    sent.push(await sendRoadmap(server, { id, isDry, roadmap }))
  }
  for (const note of notesOf(project)) {
    if (kinds.includes(note.kind === 'initiative' ? 'initiatives' : 'literature')) {
      sent.push(await sendNote(server, { id, isDry, note }))
    }
  }
  if (kinds.includes('runs')) {
    for (const { run } of project.runs) sent.push(await sendRun(server, { id, isDry, run }))
  }
  context.stdout.write(values['json'] ? toJson({ project: id, dryRun: isDry, sent }) : listed(sent, isDry))
  const failed = sent.filter(({ outcome }) => outcome === 'differs' || outcome === 'refused').length
  context.stderr.write(summary(sent, { isDry, failed }))
  const waiting = project.runs.length
  if (!kinds.includes('runs') && values['only'] === undefined && waiting > 0) {
    context.stderr.write(
      `${counted(waiting, 'run file')} not sent: --only runs sends them, and the server begins to train.\n`,
    )
  }
  return failed > 0 ? 1 : 0
}

function notesOf({ left, files }: CheckedProject): NoteFile[] {
  return left.flatMap((path) => readNote({ path, bytes: files.get(path)! }) ?? [])
}

function readKinds(given: string | undefined): readonly Kind[] {
  if (given === undefined) return KINDS.filter((kind) => kind !== 'runs')
  return given.split(',').map((word) => {
    const kind = KINDS.find((each) => each === word.trim())
    if (!kind) throw new UsageError(`--only takes ${KINDS.join(', ')}, separated by commas; got '${word}'.`)
    return kind
  })
}

/** @returns id of the project; null for one that a dry run would make */
async function targetProject({
  project,
  root,
  server,
  values,
}: {
  project: CheckedProject
  root: string
  server: ServerConnection
  values: OptionValues
}): Promise<string | null> {
  const { name = basename(root) || 'project', slug, description } = project.head
  const handle = String(values['project'] ?? slug ?? slugOf(name) ?? '')
  if (handle === '') throw new UsageError('Name the project of the server with --project.')
  const found = await server.call('GET', `/projects/${encodeURIComponent(handle)}`)
  if (found.status !== 404) return idOf(requireSuccess(found, `The project "${handle}"`).json)
  if (!values['create']) {
    throw new CommandError(
      `${server.url} has no project "${handle}" for this token. --create makes it, --project names another one.`,
    )
  }
  if (values['dry-run']) return null
  const body = { name, slug: handle, description }
  const made = await server.call('POST', '/projects', body)
  return idOf(requireSuccess(made, `The project "${handle}" could not be made`).json)
}

function idOf(json: unknown): string {
  const { id } = (json ?? {}) as { id?: unknown }
  if (typeof id === 'string') return id
  throw new CommandError('The server answered something else than a project. Is it the right address?')
}

function listed(sent: readonly Sent[], isDry: boolean): string {
  return alignColumns(
    sent.map(({ kind, slug, version, outcome, message }) => {
      const word = isDry && outcome === 'new' ? 'would be sent' : OUTCOMES[outcome]
      return [kind, slug, version ?? '', message ? `${word}: ${message}` : word]
    }),
  )
}

function summary(sent: readonly Sent[], { isDry, failed }: { isDry: boolean; failed: number }): string {
  const count = (outcome: Outcome) => sent.filter((one) => one.outcome === outcome).length
  const verb = isDry ? 'would be sent' : 'sent'
  return `${count('new')} ${verb}, ${count('unchanged')} unchanged, ${failed} not sent.\n`
}
