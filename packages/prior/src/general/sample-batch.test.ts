import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import type { BatchSpec, TaskBatch } from '../batch/batch-spec.ts'
import { sampleBatch } from './sample-batch.ts'

function spec(changes: Partial<BatchSpec> = {}): BatchSpec {
  return {
    task: 'classification',
    batch: 12,
    train: 60,
    test: 30,
    features: 6,
    stage: 'general',
    maxClasses: 10,
    ...changes,
  }
}

const specs: BatchSpec[] = (['classification', 'regression'] as const).flatMap((task) =>
  (['easy', 'general'] as const).flatMap((stage) => [
    spec({ task, stage }),
    spec({ task, stage, train: 9, test: 3, features: 1 }),
    spec({ task, stage, train: 150, test: 10, features: 17, batch: 6 }),
  ]),
)

const arrays = (batch: TaskBatch) => [
  batch.xTrain,
  batch.xTest,
  batch.yTrain,
  batch.yTest,
  batch.classCounts,
  batch.columnIds,
]

test('the same spec and seed give the same numbers, another seed others', () => {
  for (const wanted of specs) {
    const first = sampleBatch(wanted, Random.fromSeed(3))
    const second = sampleBatch(wanted, Random.fromSeed(3))
    expect(second.families).toEqual(first.families)
    arrays(first).forEach((array, k) => {
      expect(arrays(second)[k]).toEqual(array)
    })
    expect(sampleBatch(wanted, Random.fromSeed(4)).columnIds).not.toEqual(first.columnIds)
  }
})

test('one generator gives a new batch with every call', () => {
  const random = Random.fromSeed(1)
  const first = sampleBatch(spec(), random)
  expect(sampleBatch(spec(), random).columnIds).not.toEqual(first.columnIds)
})

test('a smaller batch is the beginning of a larger one', () => {
  const large = sampleBatch(spec({ batch: 5 }), Random.fromSeed(8))
  const small = sampleBatch(spec({ batch: 2 }), Random.fromSeed(8))
  expect(large.xTrain.subarray(0, small.xTrain.length)).toEqual(small.xTrain)
  expect(large.yTest.subarray(0, small.yTest.length)).toEqual(small.yTest)
})

test('arrays have the promised shapes and no NaN or Infinity', () => {
  for (const wanted of specs) {
    const { batch: size, train, test: rows, features } = wanted
    const batch = sampleBatch(wanted, Random.fromSeed('shape'))
    expect(arrays(batch).map((array) => array.length)).toEqual([
      size * train * features * 4,
      size * rows * features * 4,
      size * train,
      size * rows,
      size,
      size * features * 16,
    ])
    expect(batch.families).toHaveLength(size)
    for (const array of arrays(batch)) expect(array.every((value) => Number.isFinite(value))).toBe(true)
  }
})

test('classes sit in distinct random slots and every test class has training rows', () => {
  const slotsUsed = new Set<number>()
  for (const wanted of specs.filter((one) => one.task === 'classification')) {
    const batch = sampleBatch(wanted, Random.fromSeed('classes'))
    for (let b = 0; b < wanted.batch; b++) {
      const train = new Set(batch.yTrain.subarray(b * wanted.train, (b + 1) * wanted.train))
      const rows = new Set(batch.yTest.subarray(b * wanted.test, (b + 1) * wanted.test))
      expect(train.size).toBe(batch.classCounts[b])
      expect(train.size).toBeGreaterThanOrEqual(2)
      expect(train.size).toBeLessThanOrEqual(wanted.stage === 'easy' ? 3 : wanted.maxClasses)
      expect([...rows].every((slot) => train.has(slot))).toBe(true)
      for (const slot of train) {
        expect(slot).toBeGreaterThanOrEqual(0)
        expect(slot).toBeLessThan(64)
        slotsUsed.add(slot)
      }
    }
  }
  expect(slotsUsed.size).toBeGreaterThan(40)
})

test('regression targets are standardised by the training rows', () => {
  const wanted = spec({ task: 'regression', batch: 50 })
  const batch = sampleBatch(wanted, Random.fromSeed('targets'))
  for (let b = 0; b < wanted.batch; b++) {
    const y = Array.from(batch.yTrain.subarray(b * wanted.train, (b + 1) * wanted.train))
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length
    const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(Math.abs(variance - 1)).toBeLessThan(0.15)
    expect(batch.classCounts[b]).toBe(0)
  }
  expect(Math.max(...batch.yTest.map(Math.abs))).toBeLessThanOrEqual(8)
})

test('every column varies over the training rows and its flags agree', () => {
  for (const wanted of specs) {
    const { batch: size, train, features } = wanted
    const { xTrain } = sampleBatch(wanted, Random.fromSeed('vary'))
    for (let b = 0; b < size; b++) {
      for (let j = 0; j < features; j++) {
        const ranks = new Set<number>()
        const flags = new Set<number>()
        for (let i = 0; i < train; i++) {
          const at = ((b * train + i) * features + j) * 4
          if (xTrain[at + 2] === 0) ranks.add(xTrain[at + 1]!)
          else expect([xTrain[at], xTrain[at + 1], xTrain[at + 2]]).toEqual([0, 0.5, 1])
          flags.add(xTrain[at + 3]!)
        }
        expect(ranks.size).toBeGreaterThanOrEqual(2)
        expect(flags.size).toBe(1)
      }
    }
  }
})

test('an impossible spec is refused with the field and its range', () => {
  expect(() => sampleBatch(spec({ train: 3 }), Random.fromSeed(1))).toThrow(/integer train from 8/)
  expect(() => sampleBatch(spec({ maxClasses: 65 }), Random.fromSeed(1))).toThrow(/maxClasses from 2 to 64/)
  expect(() => sampleBatch(spec({ features: 0 }), Random.fromSeed(1))).toThrow(/features/)
})
