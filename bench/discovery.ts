/**
 * Trains a brain of graphs for some minutes and compares it, on tables that no run trains on, with what gives a score to
 * every ordered pair of columns without learning: chance, the size of the correlation, and the order of the variances
 * (before and after the columns are standardised). A score of pairs is judged by the area under its ROC curve.
 *
 *   node bench/discovery.ts --prior linear-scm --minutes 3 --size quick
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Predictor } from '@posterior/engine'
import { drawParameters, planCatalogueBatch, requireTrainable } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { brainOfSize, brainTrainingConfig, startTrainingRun } from '@posterior/training'

const { values } = parseArgs({
  options: {
    prior: { type: 'string', default: 'linear-scm' },
    minutes: { type: 'string', default: '3' },
    size: { type: 'string', default: 'quick' },
    seed: { type: 'string', default: '1' },
    tables: { type: 'string', default: '200' },
    workers: { type: 'string', default: '2' },
    /** Measure the model of this folder instead of training one. */
    model: { type: 'string' },
  },
})

interface Scored {
  readonly score: number
  readonly isEdge: boolean
}

const scores: Record<string, Scored[]> = {
  brain: [],
  correlation: [],
  'sorted variance': [],
  'sorted variance, standardised': [],
}
let agreement = 0
let pairs = 0
let edges = 0

const folder = values.model ?? (await trained())
const predictor = new Predictor({
  ...{ modelDirs: [], threads: 1, contextCacheBytes: 0, maxFitBytes: 2 ** 30, maxFullRows: 0 },
})
const prior = requireTrainable(values.prior, {})
for (let t = 0; t < Number(values.tables); t++) {
  const random = Random.fromSeed('held out tables', t)
  const { source } = planCatalogueBatch(values.prior, {}, { cells: 1, maxDatasets: 1 }, random)
  const sample = prior.sample(drawParameters(prior.parameters, { ...source!.shape }, random), random)
  const [rows, columns] = sample['X']!.shape as [number, number]
  const x = sample['X']!.data
  const model = { folder }
  const { probabilities } = await predictor.discover({ model, x: { rows, columns, values: x } })
  const { correlation, variance } = momentsOf(x, rows, columns)
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      if (i === j) continue
      const isEdge = sample['A']!.data[i * columns + j] === 1
      const r = Math.abs(correlation[i * columns + j]!)
      const add = (name: string, score: number) => scores[name]!.push({ score, isEdge })
      add('brain', probabilities[i * columns + j]!)
      add('correlation', r)
      add('sorted variance', variance[i]! < variance[j]! ? r : r - 1)
      // Every variance is 1 then, to rounding: their order is that of the columns' last bits.
      add('sorted variance, standardised', random.bool() ? r : r - 1)
      if (probabilities[i * columns + j]! > 0.5 === isEdge) agreement++
      pairs++
      if (isEdge) edges++
    }
  }
}
await predictor.close()
if (values.model === undefined) await rm(join(folder, '..'), { recursive: true, force: true })

console.log(
  `${values.prior}, ${values.tables} tables, ${pairs} pairs, ${((100 * edges) / pairs).toFixed(1)} % edges`,
)
console.log(`brain: ${((100 * agreement) / pairs).toFixed(1)} % of pairs right at a threshold of one half`)
console.log('area under the ROC curve:')
console.log('  chance 0.500')
for (const [name, scored] of Object.entries(scores)) console.log(`  ${name} ${rocArea(scored).toFixed(3)}`)

async function trained(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'posterior-discovery-'))
  const choice = { kind: 'catalogue', id: values.prior, overrides: {} } as const
  const config = brainTrainingConfig(choice, {
    budget: { minutes: Number(values.minutes) },
    seed: Number(values.seed),
  })
  const architecture = brainOfSize(values.size as 'quick', 'discovery')
  const options = { folder: parent, workers: Number(values.workers), threads: 1, niceness: 19 }
  await startTrainingRun({ ...config, architecture, evaluateEvery: 0 }, options).done
  return join(parent, 'model')
}

function momentsOf(x: Float64Array, rows: number, columns: number) {
  const mean = new Float64Array(columns)
  for (let i = 0; i < x.length; i++) mean[i % columns]! += x[i]! / rows
  const covariance = new Float64Array(columns ** 2)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        const [a, b] = [x[row * columns + i]! - mean[i]!, x[row * columns + j]! - mean[j]!]
        covariance[i * columns + j]! += (a * b) / rows
      }
    }
  }
  const variance = Float64Array.from({ length: columns }, (_, i) => covariance[i * (columns + 1)]!)
  const correlation = covariance.map(
    (c, k) => c / Math.sqrt(variance[Math.floor(k / columns)]! * variance[k % columns]!),
  )
  return { correlation, variance }
}

/** The probability that an edge has a higher score than a pair without one; ties count one half. */
function rocArea(scored: readonly Scored[]): number {
  const sorted = scored.toSorted((a, b) => a.score - b.score)
  let rankSum = 0
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) end++
    const rank = (start + end + 1) / 2
    for (let i = start; i < end; i++) if (sorted[i]!.isEdge) rankSum += rank
    start = end
  }
  const positives = sorted.filter(({ isEdge }) => isEdge).length
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives))
}
