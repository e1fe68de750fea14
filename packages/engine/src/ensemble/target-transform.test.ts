import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import {
  applyTargetTransform,
  fitTargetScaling,
  fitTargetTransform,
  targetInverse,
} from './target-transform.ts'

function draw(count: number, value: (random: Random) => number): Float64Array {
  const random = Random.fromSeed('target')
  return Float64Array.from({ length: count }, () => value(random))
}

const logNormal = draw(500, (random) => 1000 * Math.exp(random.normal()))

test('a normal target is left alone', () => {
  expect(fitTargetTransform(draw(500, (random) => random.normal()))).toBeNull()
})

test('a few rows, a constant or a target that no power helps are left alone', () => {
  expect(fitTargetTransform(Float64Array.of(1, 1, 1, 100))).toBeNull()
  expect(fitTargetTransform(new Float64Array(50).fill(3))).toBeNull()
  expect(fitTargetTransform(draw(200, (random) => (random.bool(0.05) ? 1 : 0)))).toBeNull()
})

test('a skewed target becomes nearly symmetric with mean 0 and spread 1, whichever side the tail is on', () => {
  for (const sign of [1, -1]) {
    const target = logNormal.map((y) => sign * y)
    const transform = fitTargetTransform(target)!
    const moved = target.map((y) => applyTargetTransform(transform, y))
    const moment = (power: number) => moved.reduce((sum, t) => sum + t ** power, 0) / moved.length
    expect(moment(1)).toBeCloseTo(0, 9)
    expect(moment(2)).toBeCloseTo(1, 9)
    expect(Math.abs(moment(3))).toBeLessThan(0.3)
  }
})

test('the inverse returns training values, is increasing, and stays within one range of them', () => {
  const transform = fitTargetTransform(logNormal)!
  const invert = targetInverse(transform)
  for (const y of logNormal) {
    expect(invert(applyTargetTransform(transform, y)) / y).toBeCloseTo(1, 9)
  }
  const low = Math.min(...logNormal)
  const high = Math.max(...logNormal)
  let previous = Number.NEGATIVE_INFINITY
  for (let t = -50; t <= 50; t += 0.1) {
    const y = invert(t)
    expect(y).toBeGreaterThanOrEqual(previous)
    expect(y).toBeGreaterThanOrEqual(low - (high - low))
    expect(y).toBeLessThanOrEqual(high + (high - low))
    previous = y
  }
})

test('the transform does not depend on the order of the rows beyond rounding', () => {
  const turned = logNormal.slice().reverse()
  const a = fitTargetTransform(logNormal)!
  const b = fitTargetTransform(turned)!
  expect(b.lambda).toBeCloseTo(a.lambda, 9)
  expect(b.mean).toBeCloseTo(a.mean, 9)
})

const NAMES = [
  'power',
  'safepower_box',
  'quantile_uni',
  'quantile_norm_fine',
  'kdi',
  'robust',
  'adaptive',
] as const

test.each(NAMES)(
  'a target scaled by %s has mean 0 and spread 1, and is undone exactly within its range',
  (name) => {
    const transform = fitTargetScaling(name, logNormal, Random.fromSeed(0))!
    const scaled = [...logNormal].map((y) => applyTargetTransform(transform, y))
    const mean = scaled.reduce((a, b) => a + b) / scaled.length
    expect(mean).toBeCloseTo(0, 9)
    expect(scaled.reduce((sum, t) => sum + (t - mean) ** 2, 0) / scaled.length).toBeCloseTo(1, 9)
    const invert = targetInverse(transform)
    logNormal.forEach((y, i) => {
      expect(Math.abs(invert(scaled[i]!) / y - 1)).toBeLessThan(1e-5)
    })
    let previous = Number.NEGATIVE_INFINITY
    for (let t = -50; t <= 50; t += 0.5) {
      const y = invert(t)
      expect(y).toBeGreaterThanOrEqual(previous)
      expect(y >= transform.low && y <= transform.high).toBe(true)
      previous = y
    }
  },
)

test('no scaling, and a target that would not vary, give no transform', () => {
  expect(fitTargetScaling(null, logNormal, Random.fromSeed(0))).toBeNull()
  expect(fitTargetScaling('none', logNormal, Random.fromSeed(0))).toBeNull()
  expect(fitTargetScaling('robust', new Float64Array(5).fill(2), Random.fromSeed(0))).toBeNull()
})
