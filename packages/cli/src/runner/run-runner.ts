/** `posterior runner`: train for a server on this machine. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { detectThreads } from '@posterior/engine'
import { lockRun } from '@posterior/training'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { readVersion } from '../version.ts'
import { readCapabilities } from './capabilities.ts'
import { RunnerApi } from './runner-api.ts'
import { serveRuns } from './serve-runs.ts'

const ACTIONS = ['run', 'check'] as const

/** Minutes between two uploads of the state of a run, unless it is said. */
const UPLOAD_MINUTES = 5

/** Run the command. @returns 0 when it was stopped or its one run is completed, 1 when that ended otherwise */
export async function runRunner(
  values: OptionValues,
  [action = 'run']: readonly string[],
  context: CommandContext,
): Promise<number> {
  if (!ACTIONS.some((known) => known === action))
    throw new UsageError(`posterior runner can ${ACTIONS.join(', ')}; got '${action}'.`)
  const { stderr, signal } = context
  const note = (line: string) => void stderr.write(`${line}\n`)
  const url = urlOf(values, context)
  const onAway = (isAway: boolean) =>
    note(isAway ? `There is no answer from ${url}; trying again.` : `${url} answers again.`)
  const api = new RunnerApi({ url, token: tokenOf(values, context), signal, onAway })
  const root = resolve(String(values['folder'] ?? 'posterior-runner'))
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const version = readVersion()
  const capabilities = await readCapabilities(root, version)
  if (action === 'check') {
    await api.health()
    const { runner, version: theirs } = await api.introduce(capabilities, { once: true })
    context.stdout.write(
      `${JSON.stringify({ url, runner: runner.name, server: theirs, capabilities }, null, 2)}\n`,
    )
    return 0
  }
  await lockRun(root, 0)
  const { runner, version: theirs } = await api.introduce(capabilities)
  note(`Waiting for runs of ${url} as "${runner.name}".`)
  if (theirs !== version)
    note(
      `The server has version ${theirs}, this program ${version}: the same seed may lead to other weights.`,
    )
  const isOnce = values['once'] === true
  const workers = Number(values['workers'] ?? detectThreads())
  const uploadEveryMs = 60_000 * Number(values['upload-every'] ?? UPLOAD_MINUTES)
  const end = await serveRuns({ ...{ api, root, workers, uploadEveryMs, isOnce, signal, note } })
  return isOnce && end !== 'completed' && !signal.aborted ? 1 : 0
}

function urlOf(values: OptionValues, { env }: CommandContext): string {
  const url = String(values['url'] ?? env['POSTERIOR_URL'] ?? '').replace(/\/+$/, '')
  if (url === '') throw new CommandError('Say which server: give --url, or set POSTERIOR_URL.')
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CommandError(`"${url}" is no address of a server, such as http://127.0.0.1:8000.`)
  return url
}

function tokenOf(values: OptionValues, { env }: CommandContext): string {
  const token = String(values['token'] ?? env['POSTERIOR_RUNNER_TOKEN'] ?? '')
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new CommandError(
    'Set POSTERIOR_RUNNER_TOKEN to the token of a runner, or give --token; the server issues them at /runners.',
  )
}
