import { normalQuantile, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { constantBorders, MASS_FLOOR, makeBorders, writeBarLogits } from './bar-distribution.ts'
import { meanOf } from './point-estimates.ts'
import { fitTails, knotLevel, quantileAt } from './quantile-function.ts'

const N = 255

function standardNormalKnots(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => normalQuantile(knotLevel(k, n)))
}

function normals(count: number, seed: string): Float64Array {
  const random = Random.fromSeed(seed)
  return Float64Array.from({ length: count }, () => random.normal())
}

function bars(knots: Float64Array, borders: Float64Array): Float64Array {
  const out = new Float64Array(borders.length - 1)
  writeBarLogits(knots, fitTails(knots), borders, out, 0)
  return out
}

test('borders increase, are about a thousand, and reach beyond the training target', () => {
  for (const target of [normals(1000, 'a'), normals(5, 'b'), Float64Array.of(1, 2, 2, 2, 3)]) {
    const borders = makeBorders(target)
    const low = Math.min(...target)
    const high = Math.max(...target)
    for (let i = 1; i < borders.length; i++) expect(borders[i]!).toBeGreaterThan(borders[i - 1]!)
    expect(borders[0]).toBeCloseTo(low - 2 * (high - low), 6)
    expect(borders[borders.length - 1]).toBeCloseTo(high + 2 * (high - low), 6)
    expect(borders.length).toBeGreaterThan(350)
    expect(borders.length).toBeLessThan(1100)
  }
})

test('borders of a narrow target far from zero stay distinct', () => {
  const target = Float64Array.from({ length: 50 }, (_, i) => 1e9 + i * 1e-4)
  const borders = makeBorders(target)
  for (let i = 1; i < borders.length; i++) expect(borders[i]!).toBeGreaterThan(borders[i - 1]!)
})

test('a target without spread or with infinities has no borders', () => {
  expect(() => makeBorders(Float64Array.of(3, 3))).toThrow(RangeError)
  expect(() => makeBorders(Float64Array.of(3, Number.POSITIVE_INFINITY))).toThrow(/finite/)
})

test('log masses are finite, at least about the floor, and their exponentials sum to 1', () => {
  const borders = makeBorders(normals(400, 'c'))
  const random = Random.fromSeed('rows')
  for (let round = 0; round < 30; round++) {
    const knots = Float64Array.from({ length: N }, () => random.studentT(1.5)).sort()
    const logits = bars(knots, borders)
    let total = 0
    for (const logit of logits) {
      expect(Number.isFinite(logit)).toBe(true)
      expect(logit).toBeGreaterThan(Math.log(MASS_FLOOR) - 0.001)
      total += Math.exp(logit)
    }
    expect(total).toBeCloseTo(1, 9)
  }
})

test('quantiles and mean read from the bars agree with the direct ones', () => {
  const borders = makeBorders(normals(1000, 'd'))
  const knots = standardNormalKnots(N).map((z) => 0.3 + 0.5 * z)
  const tails = fitTails(knots)
  const logits = bars(knots, borders)
  let mean = 0
  let cdf = 0
  const levels = [0.05, 0.25, 0.5, 0.75, 0.95]
  const read: number[] = []
  for (let i = 0; i < logits.length; i++) {
    const mass = Math.exp(logits[i]!)
    const low = borders[i]!
    const high = borders[i + 1]!
    mean += (mass * (low + high)) / 2
    for (const level of levels) {
      if (cdf < level && cdf + mass >= level) read.push(low + ((high - low) * (level - cdf)) / mass)
    }
    cdf += mass
  }
  expect(mean).toBeCloseTo(meanOf(knots, tails), 3)
  for (const [i, level] of levels.entries()) expect(read[i]).toBeCloseTo(quantileAt(knots, tails, level), 2)
})

test('mass beyond the borders counts to the outermost buckets', () => {
  const borders = Float64Array.of(0, 1, 2, 3)
  const above = bars(new Float64Array(N).fill(100), borders)
  expect(Math.exp(above[2]!)).toBeCloseTo(1, 6)
  const below = bars(new Float64Array(N).fill(-100), borders)
  expect(Math.exp(below[0]!)).toBeCloseTo(1, 6)
})

test('hand-worked masses: linear between two knots', () => {
  // Levels 1/4, 3/4; no tails in these atoms' place: a quarter of the mass below 0 and above 2.
  const out = new Float64Array(4)
  writeBarLogits(Float64Array.of(0, 2), { left: 0, right: 0 }, Float64Array.of(-1, 0, 1, 2, 3), out, 0)
  // Without tails the outer quarters sit on the knots themselves, and a border belongs to the bucket below it.
  expect([...out].map(Math.exp)).toEqual([0.25, 0.25, 0.5, MASS_FLOOR].map((m) => expect.closeTo(m, 8)))
})

test('a constant target has one narrow bucket around the constant', () => {
  for (const constant of [0, 5, -1e6]) {
    const [low, high] = constantBorders(constant)
    expect(low!).toBeLessThan(constant)
    expect(high!).toBeGreaterThan(constant)
  }
})
