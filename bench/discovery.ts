/**
 * `node bench/discovery.ts`: train a brain on each causal prior by the default recipe, within a budget of processor time, and
 * compare the graphs that it finds behind held-out tables with the truth, and with scores of pairs that need no learning.
 * Results go into `bench/brains/graphs.json`, one entry for each prior, and into docs/reference/brains.md.
 *
 *   node bench/discovery.ts                                 both, 600 processor seconds each
 *   node bench/discovery.ts chain-scm --seconds 60          one, with less
 *   node bench/discovery.ts chain-scm --seconds 0           measure again what is in --out
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureGraphs } from './brains/graphs.ts'
import { writePage } from './brains/page.ts'
import { describeMachine, writeGraphs } from './brains/results.ts'
import { trainBrain } from './brains/train-brain.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    out: { type: 'string', default: 'runs/brains' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    batches: { type: 'string', default: '48' },
    datasets: { type: 'string', default: '8' },
    note: { type: 'string' },
  },
})
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
for (const slug of positionals.length > 0 ? positionals : ['linear-scm', 'chain-scm']) {
  const folder = join(values.out, slug)
  const { seconds, seed, workers, batches, datasets } = values
  const isComplete = await trainBrain(slug, folder, {
    seconds: Number(seconds),
    seed: Number(seed),
    workers: Number(workers),
    signal: stop.signal,
  })
  if (!isComplete) break
  const size = { batches: Number(batches), datasets: Number(datasets) }
  const result = {
    ...(await measureGraphs(slug, folder, size)),
    machine: describeMachine(),
    ...(values.note && { note: values.note }),
  }
  writeGraphs(result)
  console.log(JSON.stringify(result))
}
writePage()
