/**
 * `node bench/brains.ts`: train a brain on each prior that has an oracle, by the default recipe and within a budget of
 * processor time, then compare it on held-out tasks with the oracle and with simple answers, and check how it behaves.
 * What was measured goes into `bench/brains/results.json`, one entry for each prior, and into docs/reference/brains.md.
 *
 *   node bench/brains.ts                                    all seven, 1,200 processor seconds each
 *   node bench/brains.ts coin-flip --seconds 300            one, with less
 *   node bench/brains.ts coin-flip --seconds 0              measure again what is in --out
 *   node bench/brains.ts coin-flip --note 'Stopped early.'  a sentence for the page
 *   node bench/brains.ts linear-regression --composed --seconds 300     a model composed of blocks instead
 *   node bench/brains.ts --page                             write the page again
 *
 * Processor seconds count all threads of the training process: ten minutes of two cores are at most 1,200 of them,
 * whatever else the machine does. An interrupted run goes on where it was saved.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ORACLES, requirePrior } from '@posterior/prior'
import { measureBehaviour } from './brains/behaviour.ts'
import { composedFor } from './brains/composed.ts'
import { measureLosses } from './brains/losses.ts'
import { writePage } from './brains/page.ts'
import { type BrainResult, describeMachine, writeResult } from './brains/results.ts'
import { trainBrain } from './brains/train-brain.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1200' },
    out: { type: 'string', default: 'runs/brains' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    batches: { type: 'string', default: '24' },
    datasets: { type: 'string', default: '8' },
    note: { type: 'string' },
    composed: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
})
const slugs = positionals.length > 0 ? positionals : ORACLES.map(({ priorId }) => requirePrior(priorId).slug)

if (!values.page) {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  for (const slug of slugs) {
    if (stop.signal.aborted) break
    const { seconds, seed, workers, composed } = values
    const folder = join(values.out, composed ? `${slug}-composed` : slug)
    const architecture = composed ? composedFor(slug) : undefined
    const isComplete = await trainBrain(slug, folder, {
      seconds: Number(seconds),
      seed: Number(seed),
      workers: Number(workers),
      signal: stop.signal,
      ...(architecture && { architecture }),
    })
    if (!isComplete) break
    const losses = await measureLosses(slug, folder, {
      batches: Number(values.batches),
      datasets: Number(values.datasets),
    })
    const result: BrainResult = {
      ...losses,
      behaviour: await measureBehaviour(slug, folder, { batches: Number(values.batches), tasks: 4 }),
      machine: describeMachine(),
      ...(architecture && { blocks: architecture.blocks.map(({ type }) => type).join(', ') }),
      ...(values.note && { note: values.note }),
    }
    writeResult(result)
    console.log(JSON.stringify(result))
  }
}
writePage()
