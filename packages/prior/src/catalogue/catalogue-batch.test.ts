import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { drawBatch } from '../batch/draw-batch.ts'
import { CATALOGUE } from './catalogue.ts'
import {
  drawTasks,
  planCatalogueBatch,
  requireTrainable,
  sampleCatalogueBatch,
  standardisedTargets,
} from './catalogue-batch.ts'
import { groupColumn, groupsOf } from './pack/groups.ts'
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

test('classes take no more slots than tasks of the prior may have classes', () => {
  const slots = (overrides: Overrides) => {
    const taken = new Set<number>()
    for (let seed = 0; seed < 40; seed++) {
      const spec = planned('gaussian-mixture-classification', seed, overrides)
      for (const slot of drawBatch(spec, Random.fromSeed('data')).yTrain) taken.add(slot)
    }
    return [...taken].sort((a, b) => a - b)
  }
  expect(slots({})).toEqual([0, 1, 2, 3, 4])
  expect(slots({ num_classes: [2, 3] })).toEqual([0, 1, 2])
})

test('labelled rows vary from few to most, and shapes over their ranges', () => {
  const specs = Array.from({ length: 300 }, (_, seed) => planned('gaussian-mixture-classification', seed))
  expect(new Set(specs.map(({ features }) => features)).size).toBe(15)
  expect(new Set(specs.map(({ maxClasses }) => maxClasses))).toEqual(new Set([2, 3, 4, 5]))
  const shares = specs.map(({ train, test }) => train / (train + test))
  expect(Math.min(...shares)).toBeLessThan(0.1)
  expect(Math.max(...shares)).toBeGreaterThan(0.85)
})

test('a batch with fewer questions has the same labelled rows, and questions of the same task', () => {
  for (const slug of ['gp-regression', 'ar2-process', 'hierarchical-normal']) {
    const whole = planned(slug, 5)
    const few = { ...whole, test: 3 }
    const all = drawTasks(whole, Random.fromSeed('data'))
    for (const [b, task] of drawTasks(few, Random.fromSeed('data')).entries()) {
      const { train, columns, y } = task
      expect(y).toHaveLength(train + 3)
      expect(y.subarray(0, train)).toEqual(all[b]!.y.subarray(0, train))
      const rows = [...y.subarray(train)].map((value) => all[b]!.y.indexOf(value, train))
      expect(rows).toEqual(rows.toSorted((a, c) => a - c))
      for (const [j, { values }] of columns.entries()) {
        expect([...values.subarray(train)]).toEqual(rows.map((row) => all[b]!.columns[j]!.values[row]))
      }
    }
  }
})

test('a batch that reaches for less has small tasks, and is asked for no more rows than it may be', () => {
  const sizes = (reach: number) => {
    const specs = Array.from({ length: 60 }, (_, seed) =>
      planCatalogueBatch(
        'gaussian-mixture-classification',
        { num_classes: 3 },
        { ...BUDGET, reach, maxQueries: 40 },
        Random.fromSeed('plan', seed),
      ),
    )
    return {
      features: Math.max(...specs.map(({ features }) => features)),
      rows: Math.max(...specs.map(({ source }) => source!.shape['num_points'] as number)),
      test: Math.max(...specs.map(({ test }) => test)),
      least: Math.min(...specs.map(({ train }) => train)),
      classes: new Set(specs.map(({ maxClasses }) => maxClasses)),
    }
  }
  const small = sizes(0.1)
  expect(small).toMatchObject({ features: 4, classes: new Set([3]) })
  expect(small.rows).toBeLessThanOrEqual(112)
  expect(small.least).toBeGreaterThan(50)
  expect(sizes(1)).toMatchObject({ features: 16, test: 40 })
  expect(sizes(1).least).toBeLessThan(12)
})

test('what cannot be trained on is refused', () => {
  expect(() => requireTrainable('nothing', {})).toThrow(
    'no prior "nothing" in the catalogue; it has linear-regression',
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
  expect([...row]).toEqual([12, 11, 10, 0, 1, 0, 0.5])
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

test('groups keep apart under the numbers that a task deals them, and get others in the next', () => {
  const groups = [0, 1, 0, 2, 1]
  const columns = Array.from({ length: 20 }, (_, seed) =>
    groupColumn(groups, { count: 3, random: Random.fromSeed(seed) }),
  )
  for (const { values } of columns) {
    expect(new Set(values)).toEqual(new Set([0, 1, 2]))
    expect([values[2], values[4]]).toEqual([values[0], values[1]])
  }
  expect(new Set(columns.map(({ values }) => values.join())).size).toBeGreaterThan(3)
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

test('discovery gives whole tables, standardised so that their variances tell nothing, and graphs', () => {
  const random = Random.fromSeed('discovery')
  const spec = planCatalogueBatch(
    'linear-scm',
    { d: 4, num_points: 200 },
    { cells: 2400, maxDatasets: 9 },
    random,
  )
  expect(spec).toMatchObject({ task: 'discovery', batch: 3, train: 200, test: 0, features: 4 })
  const { xTrain, graphs } = sampleCatalogueBatch(spec, random)
  for (let j = 0; j < 4; j++) {
    const column = Float64Array.from({ length: 200 }, (_, i) => xTrain[(i * 4 + j) * 4]!)
    expect(column.reduce((sum, v) => sum + v, 0) / 200).toBeCloseTo(0, 1)
    // Far values are drawn in, so a little less than 1.
    const variance = column.reduce((sum, v) => sum + v * v, 0) / 200
    expect(variance > 0.8 && variance < 1.05).toBe(true)
  }
  const { adjacency, pairs } = graphs!
  expect([...new Set(adjacency)].sort()).toEqual([0, 1])
  for (let i = 0; i < 16; i++) {
    const isSelf = i % 5 === 0
    expect(pairs[i]).toBeCloseTo(isSelf ? 0 : 1 / 12, 6)
    if (isSelf) expect(adjacency[i]).toBe(0)
  }
})
