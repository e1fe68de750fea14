import { expect, test } from 'vitest'
import { bootstrap } from './bootstrap.ts'
import { mean } from './score-table.ts'

const meanOf = (values: readonly number[]) => (rows: Int32Array) => [
  mean(Float64Array.from(rows, (row) => values[row]!)),
]

test('the interval of a mean is that of all resamples of four values', () => {
  // All 256 resamples of [1, 2, 4, 9]; numpy.quantile of their means at .025 and .975 is [1.5, 7.25].
  const [interval] = bootstrap(4, meanOf([1, 2, 4, 9]), { draws: 20_000, seed: 1 })
  expect(interval).toEqual([1.5, 7.25])
})

test('the interval of a mean of many values is near the normal one', () => {
  const values = Array.from({ length: 400 }, (_, i) => (i % 20) / 19)
  const deviation = Math.sqrt(mean(values.map((value) => (value - 0.5) ** 2)) / values.length)
  const [[low, high]] = bootstrap(400, meanOf(values), { draws: 4000, seed: 2 }) as [
    readonly [number, number],
  ]
  expect(low).toBeCloseTo(0.5 - 1.96 * deviation, 2)
  expect(high).toBeCloseTo(0.5 + 1.96 * deviation, 2)
})

test('the seed decides the draws', () => {
  const draw = (seed: number) => bootstrap(5, meanOf([1, 2, 3, 5, 8]), { draws: 50, seed })
  expect(draw(3)).toEqual(draw(3))
  expect(draw(3)).not.toEqual(draw(4))
})

test('too few datasets have no interval', () => {
  expect(bootstrap(3, meanOf([1, 2, 3]), { draws: 10, seed: 0 })).toEqual([[Number.NaN, Number.NaN]])
})
