/**
 * One-row predictions over HTTP from a started server: rate and time at several numbers of concurrent clients, beside the
 * time that the server's own metrics book to the engine and to the model. Default settings, the nano model, a classifier
 * of 1000 x 20. Clients and server share the machine.
 *
 *   npm run bench:http
 *   npm run bench:http -- --clients 1,8 --seconds 2 --rounds 1
 */
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { startServer, type TestServer } from '../tests/support/start-server.ts'
import { median, percentile99 } from './serving/median.ts'
import { fitAndUpload, type Way, waysOf } from './serving/one-row-ways.ts'

const SIZE = { rows: 1000, columns: 20 }
const WARM_UP_SECONDS = 3
const STEPS = ['wait', 'data', 'model'] as const
const METRIC = 'posterior_prediction_engine_duration_seconds'

/** Milliseconds, but for the rate. */
interface Measured {
  perSecond: number
  p50: number
  p99: number
  /** Means per prediction, of the server's metrics. */
  steps: Record<(typeof STEPS)[number], number>
}

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1,8,32' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
  },
})
const clients = values.clients.split(',').map(Number)
let cycles: number[] = []
const server = await startServer({ env: { POSTERIOR_LOG_LEVEL: 'error' } })
try {
  const ids = await fitAndUpload(server, SIZE.rows, SIZE.columns)
  const ways = waysOf(server, { ...ids, columns: SIZE.columns }, (ms) => cycles.push(ms))
  for (const way of ways) await measure(server, way, 2, WARM_UP_SECONDS)
  const results = ways.flatMap((way) => clients.map((count) => ({ way, count, rounds: [] as Measured[] })))
  for (let round = 0; round < Number(values.rounds); round++) {
    // In turns, so that other load on the machine meets all alike.
    for (const { way, count, rounds } of results)
      rounds.push(await measure(server, way, count, Number(values.seconds)))
  }
  console.log(
    `one row, classifier of ${SIZE.rows} x ${SIZE.columns}; medians of ${values.rounds} rounds; ms, but for the rate\n`,
  )
  const heads = ['clients', 'per second', 'p50', 'p99', 'engine: wait', 'data', 'model']
  for (const way of ways) {
    console.log(`\n${way.title.padEnd(40)}`)
    console.log(heads.map((head) => head.padStart(13)).join(''))
    for (const { count, rounds } of results.filter((result) => result.way === way)) {
      const middle = (figure: (result: Measured) => number) => median(rounds.map(figure)).toFixed(1)
      const cells = [
        String(count),
        middle((result) => result.perSecond),
        middle((result) => result.p50),
        middle((result) => result.p99),
        ...STEPS.map((step) => middle((result) => result.steps[step])),
      ]
      console.log(cells.map((cell) => cell.padStart(13)).join(''))
    }
  }
} finally {
  await server.stop()
}

async function measure(
  server: TestServer,
  way: Way,
  connections: number,
  duration: number,
): Promise<Measured> {
  cycles = []
  const before = await engineTimes(server)
  const { url } = server
  const result = await autocannon({ url, connections, duration, timeout: 60, requests: way.requests })
  const failed = result.errors + result.timeouts + result.non2xx
  if (failed > 0) throw new Error(`${way.title}: ${failed} requests failed.`)
  if (cycles.length === 0) throw new Error(`${way.title}: no answer in ${duration} s; give more --seconds.`)
  const after = await engineTimes(server)
  const perPrediction = (step: string) =>
    (1000 * (after(`_sum{step="${step}"}`) - before(`_sum{step="${step}"}`))) /
    (after(`_count{step="${step}"}`) - before(`_count{step="${step}"}`))
  return {
    perSecond: cycles.length / result.duration,
    p50: median(cycles),
    p99: percentile99(cycles),
    steps: { wait: perPrediction('wait'), data: perPrediction('data'), model: perPrediction('model') },
  }
}

/** Reads a value of the engine's histogram, as of now; 0 for one that is not there yet. */
async function engineTimes({ url }: TestServer): Promise<(name: string) => number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
  return (name) =>
    Number(
      lines
        .find((line) => line.startsWith(METRIC + name))
        ?.split(' ')
        .at(-1) ?? 0,
    )
}
