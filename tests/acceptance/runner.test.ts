/** Another machine trains for a server: its own process, its own folder, and what happens when either of the two dies. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunnerProcess, startRunner } from '../support/start-runner.ts'
import { freePort, startServer, type TestServer } from '../support/start-server.ts'
import { tempDir } from '../support/temp-dir.ts'

const WAIT_MS = 180_000

let server: TestServer
let port: number
let dataDir: string
let token: string
const running: ChildProcess[] = []

beforeAll(async () => {
  port = await freePort()
  dataDir = mkdtempSync(join(tmpdir(), 'posterior-runner-'))
  server = await startServer({ port, dataDir })
  await call('POST', '/projects', { name: 'Coins' })
  const table = `turn,face\n${count(40)
    .map((turn) => `${turn},${turn % 2}`)
    .join('\n')}\n`
  const { key } = await call('POST', '/projects/coins/datasets?slug=flips&version=1.0.0&target=face', table)
  await call('POST', '/projects/coins/evals', {
    ...{ slug: 'flips', task: 'classification', metrics: ['accuracy', 'nll'] },
    dataset: { name: key, kind: 'real', split: 'test' },
  })
  token = (await call('POST', '/runners', { name: 'box' })).token
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
async function call(method: string, path: string, body?: object | string): Promise<any> {
  const type = typeof body === 'string' ? 'text/csv' : 'application/json'
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, ...(body && { 'content-type': type }) },
    ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return answer.json()
}

function run(folder: string, ...args: string[]): RunnerProcess {
  const runner = startRunner({ url: server.url, token, folder }, args)
  running.push(runner.child)
  return runner
}

async function until<T>(what: () => Promise<T | undefined | false>, runner?: RunnerProcess): Promise<T> {
  const end = Date.now() + WAIT_MS
  for (;;) {
    const found = await what()
    if (found) return found
    if (Date.now() > end)
      throw new Error(`the expected state did not come; the runner said\n${runner?.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const count = (length: number) => Array.from({ length }, (_, i) => i)

const RECIPE = { prior: { id: 'coin-flip', overrides: { num_flips: [10, 20] } }, model: 'quick' }
const order = async (
  steps: number,
  target = 'runner',
  evals: string[] = [],
): Promise<{ id: string; slug: string }> => {
  const hyperparams = { steps, batch_size: 2, seed: 7, eval_every: 0 }
  return call('POST', '/projects/coins/runs', { ...RECIPE, evals, hyperparams, compute: { target } })
}
const show = (id: string) => call('GET', `/projects/coins/runs/${id}`)
const over = (id: string, runner?: RunnerProcess) =>
  until(async () => {
    const run = await show(id)
    return run.status !== 'queued' && run.status !== 'running' && run
  }, runner)
const weightsOf = (id: string) => readFileSync(join(dataDir, 'runs', id, 'model', 'model.safetensors'))

async function eventsOf(
  id: string,
): Promise<{ event: string; step?: number; line?: string; resumed?: boolean }[]> {
  return (await call('GET', `/projects/coins/runs/${id}/events`)).events
}

const stepsOf = async (id: string) =>
  (await eventsOf(id)).filter(({ event }) => event === 'step').map(({ step }) => step)

test('a run that a runner trains is the one that the server trains, scored on a dataset of the project, and answers', async () => {
  const here = await order(6, 'server', ['flips'])
  const there = await order(6, 'runner', ['flips'])
  const runner = run(join(tempDir(), 'runner'), '--once', '--workers', '1')
  const done = await over(there.id, runner)
  expect([done.status, done.compute.target, done.results.d_in]).toEqual(['completed', 'runner', 1])
  expect(await runner.ended).toBe(0)
  const twin = await over(here.id)
  expect(weightsOf(there.id).equals(weightsOf(here.id))).toBe(true)
  expect(done.results).toMatchObject({ final_loss: twin.results.final_loss, inputs: twin.results.inputs })
  expect(done.results.evals.flips).toMatchObject({ skipped: false, meta: { query_rows: 10 } })
  expect(done.results.evals).toEqual(twin.results.evals)
  expect(await stepsOf(there.id)).toEqual(count(6))

  const question = { context: { x: [[0], [1], [2]], labels: [1, 0, 1] }, query: { x: [[3]] } }
  const answers = await Promise.all(
    [here, there].map(({ slug }) => call('POST', `/projects/coins/runs/${slug}/predict`, question)),
  )
  expect(answers[1].predictions).toHaveLength(1)
  expect(answers[1].probabilities).toEqual(answers[0].probabilities)
  const [listed] = (await call('GET', '/runners')).runners
  expect(listed).toMatchObject({ name: 'box', capabilities: { cpus: expect.any(Number) } })
  expect(runner.output()).not.toContain(token)
  expect(readdirSync(join(runner.folder, 'jobs'))).toEqual([])
}, 300_000)

/** A run of 24 steps that nothing interrupted, which others are compared with. */
let uninterrupted: Promise<{ id: string }> | undefined
const trainStraight = () => {
  uninterrupted ??= order(24, 'server')
  return uninterrupted
}

test('a runner that is killed goes on with its run, and the weights are the same', async () => {
  const straight = await trainStraight()
  const { id } = await order(24)
  const folder = join(tempDir(), 'runner')
  const first = run(folder, '--once', '--workers', '1')
  await until(async () => (await eventsOf(id)).some(({ event }) => event === 'saved'), first)
  first.child.kill('SIGKILL')
  await first.ended
  const claim = join(folder, 'jobs', id, 'claim.json')
  expect(statSync(claim).mode & 0o777).toBe(0o600)
  const second = run(folder, '--once', '--workers', '1')
  expect((await over(id, second)).status).toBe('completed')
  expect(await second.ended).toBe(0)
  const starts = (await eventsOf(id)).filter(({ event }) => event === 'start')
  expect(starts.map(({ resumed }) => resumed)).toEqual([false, true])
  expect((await over(straight.id)).status).toBe('completed')
  expect(weightsOf(id).equals(weightsOf(straight.id))).toBe(true)
}, 300_000)

test('another runner goes on where one that is gone was saved last, and the weights are the same', async () => {
  const straight = await trainStraight()
  const { id } = await order(24)
  const lost = await call('POST', '/runners', { name: 'lost' })
  const start = (as: string, ...args: string[]) => {
    const options = ['--workers', '1', '--upload-every', '0.0001', ...args]
    const runner = startRunner({ url: server.url, token: as, folder: join(tempDir(), 'runner') }, options)
    running.push(runner.child)
    return runner
  }
  const first = start(lost.token)
  const step = await until(async () => {
    const { checkpoints } = await call('GET', `/projects/coins/runs/${id}/checkpoints`)
    return checkpoints.at(-1)?.step as number | undefined
  }, first)
  first.child.kill('SIGKILL')
  await first.ended
  await call('DELETE', `/runners/${lost.id}`)

  const second = start(token, '--once')
  const done = await over(id, second)
  expect([done.status, await second.ended]).toEqual(['completed', 0])

  const starts = (await eventsOf(id)).filter(({ event }) => event === 'start')
  expect(starts.map(({ resumed }) => resumed)).toEqual([false, true])
  expect(starts[1]!.step).toBeGreaterThanOrEqual(step)
  const twin = await over(straight.id)
  expect(weightsOf(id).equals(weightsOf(straight.id))).toBe(true)
  const { wall_time_s: _, ...figures } = done.results
  const { wall_time_s: __, ...expected } = twin.results
  expect(figures).toEqual(expected)
}, 300_000)

test('the server goes on with a run that its runner handed back, and the weights are the same', async () => {
  const straight = await trainStraight()
  const { id } = await order(24)
  const runner = run(join(tempDir(), 'runner'), '--workers', '1')
  await until(async () => (await stepsOf(id)).length > 3, runner)
  runner.child.kill('SIGINT')
  expect(await runner.ended).toBe(0)
  const { checkpoints } = await call('GET', `/projects/coins/runs/${id}/checkpoints`)
  expect((await call('PATCH', `/projects/coins/runs/${id}`, { compute: { target: 'server' } })).status).toBe(
    'queued',
  )
  const done = await over(id)
  expect([done.status, done.compute.target]).toEqual(['completed', 'server'])
  const starts = (await eventsOf(id)).filter(({ event }) => event === 'start')
  expect(starts.map(({ resumed }) => resumed)).toEqual([false, true])
  expect(starts[1]!.step).toBe(checkpoints.at(-1).step)
  expect(weightsOf(id).equals(weightsOf((await over(straight.id)).id))).toBe(true)
}, 300_000)

test('a server that is killed meanwhile gets everything when it is back', async () => {
  const { id } = await order(24)
  const runner = run(join(tempDir(), 'runner'), '--once', '--workers', '1')
  await until(async () => (await stepsOf(id)).length > 3, runner)
  await server.stop('SIGKILL')
  await until(async () => runner.output().includes('trying again'), runner)
  server = await startServer({ port, dataDir })
  expect((await over(id, runner)).status).toBe('completed')
  expect(await runner.ended).toBe(0)
  expect(await stepsOf(id)).toEqual(count(24))
}, 300_000)

test('Ctrl-C hands the run back at once, and a cancelled run is stopped', async () => {
  const { id } = await order(100_000)
  const folder = join(tempDir(), 'runner')
  const runner = run(folder, '--workers', '1')
  await until(async () => (await stepsOf(id)).length > 1, runner)
  runner.child.kill('SIGINT')
  expect(await runner.ended).toBe(0)
  expect((await show(id)).status).toBe('queued')
  expect((await eventsOf(id)).at(-1)?.line).toContain('handed the run back')

  const again = run(folder, '--workers', '1')
  const started = async () => (await eventsOf(id)).filter(({ event }) => event === 'start')
  const starts = await until(async () => {
    const found = await started()
    return found.length === 2 && found
  }, again)
  expect(starts[1]?.resumed).toBe(true)
  await call('POST', `/projects/coins/runs/${id}/cancel`, {})
  await until(async () => again.output().includes('cancelled'), again)
  again.child.kill('SIGINT')
  await again.ended
  expect(readdirSync(join(folder, 'jobs'))).toEqual([])
}, 300_000)

test('a token that is not that of a runner, and a folder in use, are said so', async () => {
  const own = token
  token = server.token
  const wrong = run(join(tempDir(), 'runner'))
  expect([await wrong.ended, wrong.output()]).toEqual([1, expect.stringContaining('wrong type')])
  token = own
  const folder = join(tempDir(), 'runner')
  mkdirSync(folder)
  writeFileSync(join(folder, 'note'), '')
  const first = run(folder)
  await until(async () => first.output().includes('Waiting for runs'), first)
  const second = run(folder)
  expect([await second.ended, second.output()]).toEqual([1, expect.stringContaining('Another process')])
  const check = run(join(tempDir(), 'other'), 'check')
  expect(await check.ended).toBe(0)
  expect(JSON.parse(check.output())).toMatchObject({ runner: 'box' })
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
}, 300_000)
