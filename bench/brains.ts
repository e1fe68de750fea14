/**
 * Brains beside their oracles: train a model on each prior by the default recipe, then compare its loss on held-out tasks
 * with the oracle's on the same tasks (ratio of the means with a bootstrap interval, median of the tasks' ratios), and
 * with the answer that looks at no feature. Losses are means over tasks: cross-entropy in nats, or CRPS in standard
 * deviations of the labelled rows.
 *
 *   node bench/brains.ts coin-flip ar2-process --minutes 10
 *   node bench/brains.ts coin-flip --out runs/brains --minutes 0     measure what is there
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawTasks, findOracle, ORACLES, oracleLoss, requirePrior } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { brainTrainingConfig, loadRun, measureHeldOut, startTrainingRun } from '@posterior/training'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    out: { type: 'string', default: 'runs/brains' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    batches: { type: 'string', default: '24' },
    datasets: { type: 'string', default: '8' },
  },
})
const minutes = Number(values.minutes)
const workers = Number(values.workers)
const slugs = positionals.length > 0 ? positionals : ORACLES.map(({ priorId }) => requirePrior(priorId).slug)

console.log(
  [
    'prior',
    'steps',
    'seconds',
    'brain',
    'oracle',
    'brain / oracle',
    '95 %',
    'median of tasks',
    'no features',
    'tasks',
  ].join(' | '),
)
for (const slug of slugs) {
  const folder = join(values.out, slug)
  if (minutes > 0) await trainBrain(slug, folder)
  console.log((await compare(slug, folder)).join(' | '))
}

async function trainBrain(slug: string, folder: string): Promise<void> {
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const config = brainTrainingConfig(prior, { seed: Number(values.seed), budget: { minutes } })
  await startTrainingRun(config, { folder, workers, threads: 1 }).done
}

async function compare(slug: string, folder: string): Promise<(string | number)[]> {
  const oracle = findOracle(slug)
  if (!oracle) throw new Error(`${slug} has no oracle`)
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const size = { batches: Number(values.batches), datasets: Number(values.datasets) }
  const held = await measureHeldOut(join(folder, 'model'), prior, { ...size, workers })
  const brain = held.flatMap(({ losses }) => losses)
  const baseline = held.flatMap(({ baselines }) => baselines)
  const best = held.flatMap(({ spec, seed }) =>
    drawTasks(spec, Random.fromSeed(...seed)).map((task) => oracleLoss(oracle, task, {})),
  )
  const run = await loadRun(folder)
  const [low, high] = interval(brain, best)
  return [
    slug,
    run?.progress.step ?? '?',
    Math.round(run?.progress.seconds ?? 0),
    mean(brain).toFixed(4),
    `${mean(best).toFixed(4)} (${oracle.strength})`,
    (mean(brain) / mean(best)).toFixed(3),
    `${low.toFixed(3)} to ${high.toFixed(3)}`,
    median(brain.map((loss, i) => loss / best[i]!)).toFixed(3),
    mean(baseline).toFixed(4),
    brain.length,
  ]
}

/** 95 % bootstrap interval over tasks of the ratio of means. */
function interval(brain: readonly number[], best: readonly number[]): [number, number] {
  const random = Random.fromSeed('bootstrap')
  const ratios = Float64Array.from({ length: 1000 }, () => {
    let [a, b] = [0, 0]
    for (let i = 0; i < brain.length; i++) {
      const pick = random.int(0, brain.length)
      a += brain[pick]!
      b += best[pick]!
    }
    return a / b
  }).sort()
  return [ratios[25]!, ratios[974]!]
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
