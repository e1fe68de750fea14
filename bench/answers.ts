/**
 * `node bench/answers.ts`: how long a question of the Predict API takes over HTTP, on a server of its own, beside the time
 * that the model itself needs for it in this process. Both alternate, so that what else runs on the machine falls on both
 * alike; medians, 99th percentiles and the ratio of the medians. Asked are a brain of the size `quick` by its run and by a
 * share link, and the installed model mini. The brain is trained for two steps: how long it takes to answer does not depend
 * on what it has learned.
 *
 *   node bench/answers.ts                   300 rounds, 2 threads
 *   node bench/answers.ts --rounds 1000 --threads 2 --json
 *   node bench/answers.ts --way run         only by the run; also `share`, `installed`
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type AnswerJob, Predictor } from '@posterior/engine'
import { Random } from '@posterior/tabular'
import { median, percentile99 } from './serving/median.ts'

const BIN = fileURLToPath(new URL('../packages/cli/bin/posterior.js', import.meta.url))
const MODELS = fileURLToPath(new URL('../models', import.meta.url))
const MODEL = 'mini'
const TOKEN = 'bench-token-0123456789abcdef0123456789abcdef'
const WARM_UP = 20

/** Cases: context rows, columns, rows to answer, and the median to reach on two quiet cores. */
const CASES = [
  { name: 'one row, context of 20', rows: 20, columns: 4, query: 1, targetMs: 15 },
  { name: '10 rows, context of 100', rows: 100, columns: 4, query: 10, targetMs: 25 },
  { name: '100 rows, context of 1,000', rows: 1000, columns: 4, query: 100, targetMs: null },
] as const

/** Its prior has a width that can be chosen, as wide as the cases are. */
const BRAIN = {
  prior: { id: 'logistic-interactions', overrides: { dim: 4, num_points: 100 } },
  hyperparams: { steps: 2, batch_size: 1, eval_every: 0 },
}
const TRAINED_MS = 240_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    threads: { type: 'string', default: '2' },
    way: { type: 'string', multiple: true, default: ['run', 'share', 'installed'] },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const threads = Number(values.threads)

const server = await startServer()
const predictor = new Predictor({
  modelDirs: [MODELS],
  threads,
  contextCacheBytes: 0,
  maxFitBytes: 2 ** 30,
  maxFullRows: 400,
})
const loadBefore = loadavg()[0]!
try {
  const results = []
  const brain = await trainBrain()
  const ways: Record<string, Way> = {
    run: { path: `${brain.path}/predict`, tasks: ['classification'], model: { folder: brain.folder } },
    share: {
      path: `/shares/${brain.token}/predict`,
      tasks: ['classification'],
      model: { folder: brain.folder },
    },
    installed: {
      path: `/models/${MODEL}/predict`,
      tasks: ['regression', 'classification'],
      model: { name: MODEL },
    },
  }
  for (const name of values.way) {
    const way = ways[name]
    if (!way) throw new Error(`--way must be one of ${Object.keys(ways).join(', ')}, got ${name}.`)
    for (const task of way.tasks) {
      for (const size of CASES)
        results.push({ way: name, task, ...size, ...(await measure(way, task, size)) })
    }
  }
  const load = { before: loadBefore, after: loadavg()[0]! }
  if (values.json) console.log(JSON.stringify({ rounds, threads, load, results }, null, 1))
  else {
    console.log(
      `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${threads} threads, ` +
        `${rounds} rounds, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after\n`,
    )
    console.table(results)
  }
} finally {
  await predictor.close()
  server.stop()
}

/** What is asked, and where. */
interface Way {
  path: string
  tasks: AnswerJob['task'][]
  model: AnswerJob['model']
}

/** A brain of the server, and a link to it. */
async function trainBrain(): Promise<{ path: string; folder: string; token: string }> {
  const { id: project } = await server.call('POST', '/projects', { name: 'Bench' })
  const { id } = await server.call('POST', `/projects/${project}/runs`, BRAIN)
  const path = `/projects/${project}/runs/${id}`
  for (const end = Date.now() + TRAINED_MS; Date.now() < end; await delay(200)) {
    const { status } = await server.call('GET', path)
    if (status !== 'completed') continue
    const { token } = await server.call('POST', `${path}/shares`, { label: 'bench' })
    return { path, folder: join(server.dataDir, 'runs', id!, 'model'), token: token! }
  }
  throw new Error(`the brain was not trained within ${TRAINED_MS / 1000} s`)
}

/** Milliseconds of one case, over HTTP and in the model. */
async function measure({ path, model: asked }: Way, task: AnswerJob['task'], size: (typeof CASES)[number]) {
  const random = Random.fromSeed('bench', size.name)
  const table = (rows: number) =>
    Array.from({ length: rows }, () => Array.from({ length: size.columns }, () => random.normal()))
  const x = table(size.rows)
  const target = x.map(([a, b]) => a! - 2 * b!)
  const http: number[] = []
  const model: number[] = []
  for (let round = 0; round < rounds + WARM_UP; round++) {
    // Another query each time, or the answer would be charged once and cost less to book.
    const query = table(size.query)
    const y = task === 'classification' ? target.map((value) => (value > 0 ? 1 : 0)) : target
    const named = task === 'classification' ? { labels: y } : { y }
    const body = JSON.stringify({ context: { x, ...named }, query: { x: query } })
    const viaHttp = await timed(() => server.ask(path, body))
    const job = { model: asked, ...jobOf(task, { x, y, query, columns: size.columns }) }
    const inModel = await timed(() => predictor.answer(job))
    if (round < WARM_UP) continue
    http.push(viaHttp)
    model.push(inModel)
  }
  const p50 = median(http)
  return {
    httpP50: round2(p50),
    httpP99: round2(percentile99(http)),
    modelP50: round2(median(model)),
    modelP99: round2(percentile99(model)),
    ratio: round2(p50 / median(model)),
  }
}

function jobOf(
  task: AnswerJob['task'],
  { x, y, query, columns }: { x: number[][]; y: number[]; query: number[][]; columns: number },
): Omit<AnswerJob, 'model'> {
  const rowsOf = (table: number[][]) => ({
    rows: table.length,
    columns,
    values: Float64Array.from(table.flat()),
  })
  return { task, x: rowsOf(x), y: Float64Array.from(y), query: rowsOf(query) }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}

async function startServer() {
  const dataDir = mkdtempSync(join(tmpdir(), 'posterior-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [BIN, 'serve'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      POSTERIOR_HOST: '127.0.0.1',
      POSTERIOR_PORT: String(port),
      POSTERIOR_DATA_DIR: dataDir,
      POSTERIOR_ADMIN_TOKEN: TOKEN,
      POSTERIOR_THREADS: String(threads),
      POSTERIOR_LOG_LEVEL: 'silent',
      POSTERIOR_SHARE_CALLS_PER_MINUTE: '0',
      POSTERIOR_SHARE_CALLS_PER_ADDRESS: '0',
    },
  })
  const request = async (method: string, path: string, body?: string): Promise<string> => {
    // A link is all that its caller has.
    const authorization = path.startsWith('/shares/') ? undefined : `Bearer ${TOKEN}`
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the server answered ${response.status}: ${text}`)
    return text
  }
  const ask = (path: string, body: string) => request('POST', path, body)
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> =>
    JSON.parse(await request(method, path, body === undefined ? undefined : JSON.stringify(body)))
  const stop = () => {
    child.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
    child.kill('SIGTERM')
  }
  for (const end = Date.now() + 120_000; Date.now() < end; await delay(100)) {
    if ((await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) return { ask, call, dataDir, stop }
  }
  stop()
  throw new Error('the server was not ready within two minutes')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port')
  return address.port
}
