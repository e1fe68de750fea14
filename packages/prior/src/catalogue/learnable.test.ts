/**
 * Every prior that can be trained on makes tasks whose answers can be read from their labelled rows: a simple reference
 * that reads them beats the answer that looks at the labelled targets alone, and no longer does when those are shuffled.
 * The reference is the better of nearest rows and ridge regression on the columns and their squares and products.
 */
import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { CATALOGUE } from './catalogue.ts'
import { drawTasks, planCatalogueBatch, standardisedTargets } from './catalogue-batch.ts'
import type { InContextTask } from './studio-prior.ts'

const NEIGHBOURS = 7
const MOST_PRODUCTS = 5

/** Squared errors per query row of both references, and of the mean of the labelled rows; for classes, of indicators. */
function errorsOf(task: InContextTask, random: Random | null): { mean: number; best: number[] } {
  const { train, test } = task
  const targets =
    task.classes > 0
      ? Array.from({ length: task.classes }, (_, c) => task.y.map((y) => (y === c ? 1 : 0)))
      : [standardisedTargets(task)]
  const order = random?.permutation(train) ?? Int32Array.from({ length: train }, (_, i) => i)
  const rows = standardisedRows(task)
  const ridge = ridgeOf(rows.map(withProducts), train)
  let mean = 0
  const best = [0, 0]
  for (const truth of targets) {
    const labelled = Float64Array.from(order, (row) => truth[row]!)
    const centre = labelled.reduce((sum, y) => sum + y, 0) / train
    const fitted = ridge(labelled)
    for (let i = train; i < train + test; i++) {
      mean += (truth[i]! - centre) ** 2 / test
      best[0]! += (truth[i]! - nearest(rows, labelled, rows[i]!)) ** 2 / test
      best[1]! += (truth[i]! - fitted(i)) ** 2 / test
    }
  }
  return { mean, best }
}

function standardisedRows({ columns, train, test }: InContextTask): number[][] {
  const scaled = columns.map(({ values }) => {
    const labelled = [...values.subarray(0, train)].filter(Number.isFinite)
    const centre = labelled.reduce((sum, v) => sum + v, 0) / Math.max(1, labelled.length)
    const spread = Math.sqrt(
      labelled.reduce((sum, v) => sum + (v - centre) ** 2, 0) / Math.max(1, labelled.length),
    )
    return values.map((v) =>
      Number.isFinite(v) && spread > 0 ? Math.max(-4, Math.min(4, (v - centre) / spread)) : 0,
    )
  })
  return Array.from({ length: train + test }, (_, i) => scaled.map((column) => column[i]!))
}

function nearest(rows: number[][], labelled: Float64Array, row: number[]): number {
  const distances = Array.from(labelled, (y, k) => {
    const distance = rows[k]!.reduce((sum, value, j) => sum + (value - row[j]!) ** 2, 0)
    return { distance, y }
  }).sort((a, b) => a.distance - b.distance)
  const near = distances.slice(0, NEIGHBOURS)
  return near.reduce((sum, { y }) => sum + y, 0) / near.length
}

function withProducts(row: number[]): number[] {
  const few = row.slice(0, MOST_PRODUCTS)
  return [1, ...row, ...few.flatMap((a, i) => few.slice(i).map((b) => a * b))]
}

/** Ridge regression with one unit on every coefficient, by elimination. @returns the fit of targets, at row i */
function ridgeOf(rows: number[][], train: number): (labelled: Float64Array) => (row: number) => number {
  const width = rows[0]!.length
  const gram = Array.from({ length: width }, (_, a) =>
    Array.from({ length: width }, (_, b) => {
      let sum = a === b ? 1 : 0
      for (let i = 0; i < train; i++) sum += rows[i]![a]! * rows[i]![b]!
      return sum
    }),
  )
  return (labelled) => {
    const system = gram.map((row, a) => [...row, labelled.reduce((sum, y, i) => sum + y * rows[i]![a]!, 0)])
    for (let p = 0; p < width; p++) {
      for (let i = 0; i < width; i++) {
        if (i === p) continue
        const share = system[i]![p]! / system[p]![p]!
        for (let j = p; j <= width; j++) system[i]![j]! -= share * system[p]![j]!
      }
    }
    const weights = system.map((row, k) => row[width]! / row[k]!)
    return (row) => rows[row]!.reduce((sum, value, k) => sum + value * weights[k]!, 0)
  }
}

/** Error of the better reference over many tasks, as a share of the mean's. */
function shareOf(slug: string, isShuffled: boolean): number {
  const total = { mean: 0, best: [0, 0] }
  for (let seed = 0; seed < 12; seed++) {
    const plan = Random.fromSeed('learnable plan', seed)
    const spec = planCatalogueBatch(slug, {}, { cells: 1e6, maxDatasets: 3 }, plan)
    // Many labelled rows, for references that learn slowly.
    const train = Math.round(0.8 * (spec.train + spec.test))
    const test = Math.min(20, spec.train + spec.test - train)
    for (const [b, task] of drawTasks(
      { ...spec, train, test },
      Random.fromSeed('learnable', seed),
    ).entries()) {
      const { mean, best } = errorsOf(task, isShuffled ? Random.fromSeed('shuffle', seed, b) : null)
      total.mean += mean
      best.forEach((error, k) => {
        total.best[k]! += error
      })
    }
  }
  return Math.min(...total.best) / total.mean
}

const LEARNABLE = CATALOGUE.filter(({ pack, slug }) => pack !== null && slug !== 'coin-flip')

describe.each(LEARNABLE.map(({ slug }) => slug))('tasks of %s', (slug) => {
  test('can be answered from their labelled rows, and not when those are shuffled', () => {
    expect(shareOf(slug, false)).toBeLessThan(0.95)
    expect(shareOf(slug, true)).toBeGreaterThan(0.97)
  })
})

test('tasks of coin-flip can be answered from the flips that were seen', () => {
  let [seen, even] = [0, 0]
  for (let seed = 0; seed < 60; seed++) {
    const plan = Random.fromSeed('learnable plan', seed)
    const spec = planCatalogueBatch('coin-flip', { num_flips: 100 }, { cells: 1e6, maxDatasets: 4 }, plan)
    for (const { y, train } of drawTasks(spec, Random.fromSeed('learnable', seed))) {
      const share = (1 + y.subarray(0, train).reduce((sum, flip) => sum + flip, 0)) / (train + 2)
      for (const flip of y.subarray(train)) {
        seen += (flip - share) ** 2
        even += (flip - 0.5) ** 2
      }
    }
  }
  expect(seen).toBeLessThan(0.9 * even)
})
