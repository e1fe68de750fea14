import { cellChannels, fitChannels, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { FAMILIES, type FamilyName } from '../family-mixture.ts'
import { sampleTask, type Task, type TaskShape } from '../sample-task.ts'

const names = Object.keys(FAMILIES) as FamilyName[]
const train = 150
const rows = 60

const shape = (changes: Partial<TaskShape>): TaskShape => ({
  task: 'classification',
  train,
  test: rows,
  features: 5,
  stage: 'general',
  maxClasses: 5,
  ...changes,
})

/** Targets of the 7 nearest training rows in the z scores of all columns, for each test row. */
function neighbourTargets({ columns, y }: Task): number[][] {
  const channels = cellChannels(fitChannels(columns, { fitRows: train }), columns)
  const width = columns.length * 4
  return Array.from({ length: rows }, (_, q) => {
    const distances = new Float64Array(train)
    for (let i = 0; i < train; i++) {
      for (let at = 0; at < width; at += 4) {
        distances[i]! += (channels[i * width + at]! - channels[(train + q) * width + at]!) ** 2
      }
    }
    const limit = Float64Array.from(distances).sort()[6]!
    return Array.from(y.subarray(0, train).filter((_, i) => distances[i]! <= limit))
  })
}

function mostFrequent(values: Iterable<number>): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Accuracy of nearest neighbours minus that of the most frequent class. */
function accuracyGain(task: Task): number {
  const truth = Array.from(task.y.subarray(train))
  const majority = mostFrequent(task.y.subarray(0, train))
  const guesses = neighbourTargets(task).map(mostFrequent)
  return mean(truth.map((label, i) => Number(guesses[i] === label) - Number(label === majority)))
}

/** R2 of the nearest neighbours' mean. */
function explainedVariance(task: Task): number {
  const truth = Array.from(task.y.subarray(train))
  const guesses = neighbourTargets(task).map(mean)
  const centre = mean(truth)
  return 1 - mean(truth.map((y, i) => (y - guesses[i]!) ** 2)) / mean(truth.map((y) => (y - centre) ** 2))
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!

test.each(names)('neighbours beat the most frequent class on typical %s tasks', (name) => {
  const gains = Array.from({ length: 20 }, (_, s) => {
    return accuracyGain(sampleTask(shape({}), Random.fromSeed('learn', s), name))
  })
  expect(mean(gains)).toBeGreaterThan(0.05)
  expect(median(gains)).toBeGreaterThan(0.02)
})

test.each(names)('neighbours explain part of the target on typical %s tasks', (name) => {
  const found = Array.from({ length: 20 }, (_, s) => {
    return explainedVariance(sampleTask(shape({ task: 'regression' }), Random.fromSeed('explain', s), name))
  })
  expect(median(found)).toBeGreaterThan(0.1)
})

test('the easy stage is easier than the general one', () => {
  const gain = (stage: TaskShape['stage']) => {
    return mean(
      Array.from({ length: 60 }, (_, s) => {
        return explainedVariance(
          sampleTask(shape({ task: 'regression', stage }), Random.fromSeed('stage', s)),
        )
      }),
    )
  }
  expect(gain('easy')).toBeGreaterThan(gain('general') + 0.1)
})

test('the easy stage has clean numeric columns mostly and at most three classes', () => {
  for (let s = 0; s < 60; s++) {
    const task = sampleTask(shape({ stage: 'easy', maxClasses: 10 }), Random.fromSeed('clean', s))
    expect(task.classes).toBeLessThanOrEqual(3)
    const isClean = task.columns.every(({ values, categorical }) => categorical || !values.some(Number.isNaN))
    expect(isClean).toBe(true)
  }
})

test.each(names)('%s drafts are finite, of the wanted row count, and differ from each other', (name) => {
  for (const task of ['classification', 'regression'] as const) {
    const targets = new Set<string>()
    for (let s = 0; s < 15; s++) {
      const random = Random.fromSeed('draft', s)
      const draft = FAMILIES[name](
        { rows: 80, features: 7, task, classes: task === 'classification' ? 3 : 0, latents: 2, easy: false },
        random,
      )
      for (const { values, levels } of draft.columns) {
        expect(values).toHaveLength(80)
        expect(values.every((v) => Number.isFinite(v) && (levels === 0 || (v >= 0 && v < levels)))).toBe(true)
      }
      const target = draft.labels ?? draft.latents[0]
      if (!target) continue
      expect(target).toHaveLength(80)
      expect(Array.from(target).every(Number.isFinite)).toBe(true)
      targets.add(target.join())
    }
    expect(targets.size).toBeGreaterThan(10)
  }
})
