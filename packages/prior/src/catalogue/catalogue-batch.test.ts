import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { drawBatch } from '../batch/draw-batch.ts'
import { CATALOGUE, requirePrior } from './catalogue.ts'
import { drawTasks, planCatalogueBatch, requireTrainable, standardisedTargets } from './catalogue-batch.ts'
import { packDiscovery } from './pack/discovery.ts'
import { groupColumns, groupsOf } from './pack/groups.ts'
import { packSeries, seriesRow } from './pack/series.ts'
import type { Overrides } from './studio-prior.ts'

const TRAINABLE = CATALOGUE.filter(({ pack }) => pack !== null)
const BUDGET = { cells: 4000, maxDatasets: 6 }

function planned(id: string, seed: number, overrides: Overrides = {}) {
  return planCatalogueBatch(id, overrides, BUDGET, Random.fromSeed('plan', seed))
}

describe.each(TRAINABLE.map(({ slug }) => slug))('batches of %s', (slug) => {
  test('have the promised shapes, are finite, and are those of the same seed again', () => {
    for (let seed = 0; seed < 4; seed++) {
      const spec = planned(slug, seed)
      const { batch: size, train, test: rows, features } = spec
      const batch = drawBatch(spec, Random.fromSeed('data', seed))
      const arrays = [batch.xTrain, batch.xTest, batch.yTrain, batch.yTest, batch.columnIds]
      expect(arrays.map(({ length }) => length)).toEqual([
        size * train * features * 4,
        size * rows * features * 4,
        size * train,
        size * rows,
        size * features * 16,
      ])
      expect(arrays.every((array) => array.every(Number.isFinite))).toBe(true)
      expect(drawBatch(spec, Random.fromSeed('data', seed))).toEqual(batch)
      expect(drawBatch(spec, Random.fromSeed('data', seed + 1)).yTest).not.toEqual(batch.yTest)
    }
  })

  test('hold the tasks that an oracle is asked, in the order of the rows', () => {
    const spec = planned(slug, 1)
    const tasks = drawTasks(spec, Random.fromSeed('data'))
    const { yTest, classCounts } = drawBatch(spec, Random.fromSeed('data'))
    tasks.forEach((task, b) => {
      const held = yTest.subarray(b * spec.test, (b + 1) * spec.test)
      if (task.classes === 0) {
        expect(held).toEqual(Float32Array.from(standardisedTargets(task).subarray(spec.train)))
        return
      }
      expect(classCounts[b]).toBe(task.classes)
      const slots = new Map([...task.y.subarray(spec.train)].map((label, i) => [label, held[i]]))
      expect(held).toEqual(Int32Array.from(task.y.subarray(spec.train), (label) => slots.get(label)!))
    })
  })

  test('ask only for classes that a labelled row has', () => {
    const spec = planned(slug, 2)
    for (const { task, y, train } of drawTasks(spec, Random.fromSeed('classes'))) {
      if (task === 'regression') continue
      const known = new Set(y.subarray(0, train))
      expect(y.subarray(train).every((label) => known.has(label))).toBe(true)
    }
  })
})

test('labelled rows vary from few to most, and shapes over their ranges', () => {
  const specs = Array.from({ length: 300 }, (_, seed) => planned('gaussian-mixture-classification', seed))
  expect(new Set(specs.map(({ features }) => features)).size).toBe(15)
  expect(new Set(specs.map(({ maxClasses }) => maxClasses))).toEqual(new Set([2, 3, 4, 5]))
  const shares = specs.map(({ train, test }) => train / (train + test))
  expect(Math.min(...shares)).toBeLessThan(0.1)
  expect(Math.max(...shares)).toBeGreaterThan(0.85)
})

test('what cannot be trained on is refused', () => {
  expect(() => requireTrainable('linear-scm', {})).toThrow('is a discovery prior')
  expect(() => requireTrainable('nothing', {})).toThrow(
    'no prior "nothing" in the catalogue; it has linear-regression',
  )
  expect(() => requireTrainable('hierarchical-normal', { num_groups: 40 })).toThrow(
    'num_groups must be at most 32 with 5 group_bits, got 40',
  )
  expect(() => planned('gaussian-mixture-classification', 1, { num_points: 20, num_classes: 16 })).toThrow(
    'a task needs at least 54 rows, its parameters give 20',
  )
  const constant = { population_std: 0, group_std: 1e-6 }
  expect(() => requireTrainable('hierarchical-normal', constant)).not.toThrow()
  const flat = planned('linear-regression', 1, { coefficient_range: 0, intercept_range: 0, noise_scale: 0 })
  expect(() => drawBatch(flat, Random.fromSeed(1))).toThrow('gave no usable task in 1000 draws')
})

test('a series row holds what was known before it, nearest first', () => {
  const row = seriesRow([10, 11, 12], 3, 6, { lags: 4, season: 12 })
  expect([...row]).toEqual([12, 11, 10, 0, Math.sin(Math.PI / 2), Math.cos(Math.PI / 2), 0.5])
})

test('a series is scaled by its history: later values change no labelled row', () => {
  const random = Random.fromSeed('series')
  const y = random.fillNormal(new Float64Array(40))
  const changed = y.slice()
  changed[35] = 1000
  const [one, other] = [y, changed].map((values) =>
    packSeries(values, { train: 30, test: 10, layout: { lags: 3, season: 12 } }),
  )
  for (const [j, column] of one!.columns.entries()) {
    expect(other!.columns[j]!.values.subarray(0, 36)).toEqual(column.values.subarray(0, 36))
  }
  expect(other!.columns[0]!.values[36]).toBeGreaterThan(100)
})

test('groups have codes of their own, whatever they are called, and too many are refused', () => {
  const groups = ['a', 'b', 'a', 'c', 'b']
  const columns = groupColumns(groups, { bits: 2, random: Random.fromSeed(1) })
  const codes = groups.map((_, i) => columns.map(({ values }) => values[i]).join(''))
  expect(new Set(codes).size).toBe(3)
  expect(codes[0]).toBe(codes[2])
  expect(codes[1]).toBe(codes[4])
  expect(() => groupColumns([1, 2, 3], { bits: 1, random: Random.fromSeed(1) })).toThrow('more than 2 groups')
})

test('some hierarchical tasks ask for a group without a labelled row', () => {
  const overrides = { num_groups: 8, per_group: 6 }
  const spec = { ...planned('hierarchical-normal', 1, overrides), batch: 40, train: 30, test: 18 }
  const held = drawTasks(spec, Random.fromSeed('groups')).filter((task) => {
    const groups = groupsOf(task)
    const known = new Set(groups.subarray(0, 30))
    expect(new Set(groups).size).toBe(8)
    return groups.subarray(30).some((group) => !known.has(group))
  })
  expect(held.length).toBeGreaterThan(8)
  expect(held.length).toBeLessThan(36)
})

test('discovery tables are standardised, so their variances tell nothing', () => {
  const prior = requirePrior('linear-scm')
  const parameters = {
    num_points: 200,
    d: 4,
    edge_prob: 0.5,
    weight_range: [0.5, 2] as const,
    noise_scale: 0.3,
  }
  const { x, adjacency } = packDiscovery(prior.sample(parameters, Random.fromSeed(1)))
  for (let j = 0; j < 4; j++) {
    const column = [...x.data].filter((_, i) => i % 4 === j)
    expect(column.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 9)
    expect(column.reduce((sum, v) => sum + v * v, 0) / 200).toBeCloseTo(1, 9)
  }
  expect(adjacency.shape).toEqual([4, 4])
})
