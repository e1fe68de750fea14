/** A project from its first file to a brain, in a folder and on a server: both end with the same bytes. */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runPosterior } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'
import { tempDir } from '../support/temp-dir.ts'

/** Small tasks and few steps: what is compared is the path, not what was learned. */
const RUN = `id: "tiny"
prior:
  id: "linear-regression"
  version: "1.0.0"
  overrides: {num_points: [16, 20], noise_scale: 0.1}
model: {id: "small", version: "0.1.0"}
evals:
  - {id: "in-context-regression-ols", version: "0.1.0"}
hyperparams: {steps: 6, batch_size: 4, seed: 11, eval_every: 0}
`
const QUESTION = {
  context: { x: [[0], [1], [2], [3], [4], [5]], y: [1, 3, 5, 7, 9, 11] },
  query: { x: [[1.5], [2.5]] },
}

let server: TestServer

beforeAll(async () => {
  server = await startServer({ env: { POSTERIOR_THREADS: '1' } })
})
afterAll(async () => {
  await server?.stop()
})

/** Run a command that must succeed. @returns its output */
async function posterior(...args: string[]): Promise<string> {
  const env = { POSTERIOR_URL: server.url, POSTERIOR_TOKEN: server.token }
  const { code, stdout, stderr } = await runPosterior(args, { env })
  expect({ code, stderr }, args.join(' ')).toMatchObject({ code: 0 })
  return stdout
}

async function call(path: string, body?: unknown) {
  const type = body instanceof Uint8Array ? 'application/gzip' : 'application/json'
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': type }
  const answer = await fetch(`${server.url}${path}`, {
    headers,
    ...(body !== undefined && {
      method: 'POST',
      body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
    }),
  })
  return { status: answer.status, text: await answer.text() }
}

async function finished(run: string) {
  for (;;) {
    const found = JSON.parse((await call(`/projects/lines/runs/${run}`)).text)
    if (!['queued', 'running'].includes(found.status)) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const hashOf = (folder: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'model/model.safetensors')))
    .digest('hex')

test('init, validate, sample, train, predict, export and push; the server trains the same brain', async () => {
  const folder = join(tempDir(), 'lines')
  await posterior('init', folder)
  for (const run of ['first', 'bends']) rmSync(join(folder, `runs/${run}.yaml`))
  writeFileSync(join(folder, 'runs/tiny.yaml'), RUN)
  expect(await posterior('validate', folder)).toBe('')
  const { samples } = JSON.parse(await posterior('sample', 'linear-regression', '--count', '2', '--json'))
  expect(samples).toHaveLength(2)

  // In the folder.
  await posterior('train', 'tiny', '--dir', folder, '--workers', '1')
  const written = JSON.parse(readFileSync(join(folder, 'runs/tiny.results.json'), 'utf8'))
  expect(written.status).toBe('completed')
  const question = join(folder, 'question.json')
  writeFileSync(question, JSON.stringify(QUESTION))
  const ask = ['predict', 'tiny', '--dir', folder, '--threads', '1', '--question', question]
  const answer = await posterior(...ask)

  // On the server.
  const pushed = await posterior('push', folder, '--create', '--only', 'models,evals,runs')
  expect(pushed).toMatch(/model +small +0\.1\.0 +sent\n/)
  expect(pushed).toMatch(/run +tiny +sent: the server trains it/)
  const run = await finished('tiny')
  expect(run).toMatchObject({ status: 'completed', slug: 'tiny' })

  // The same brain, the same figures, the same answer.
  expect(hashOf(join(server.dataDir, 'runs', run.id))).toBe(hashOf(join(folder, 'runs/tiny')))
  const { wall_time_s: _, ...there } = run.results
  const { wall_time_s: __, ...here } = written.results
  expect(here).toEqual(there)
  const { status, text } = await call('/projects/lines/runs/tiny/predict', QUESTION)
  expect([status, `${text}\n`]).toEqual([200, answer])

  // What is on the server is what was sent.
  const archive = join(folder, 'here.tar.gz')
  expect(await posterior('export', folder, '--out', archive)).toBe(`${archive}\n`)
  await posterior('export', `lines@${server.url}`, '--out', join(folder, 'there.tar.gz'))
  const again = await posterior('push', folder, '--only', 'models,evals,runs')
  expect(again).toMatch(/run +tiny +unchanged: it is completed/)
  expect(again).not.toMatch(/sent/i)

  // The brain that was trained in the folder answers on the server.
  const whole = join(folder, 'whole.tar.gz')
  await posterior('export', folder, '--brains', '--out', whole)
  const imported = await call('/project-imports?slug=copy', readFileSync(whole))
  expect(imported.status, imported.text).toBe(201)
  expect(await call('/projects/copy/runs/tiny/predict', QUESTION)).toEqual({ status, text })
}, 600_000)
