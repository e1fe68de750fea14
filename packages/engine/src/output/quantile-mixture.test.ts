import { normalQuantile, Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { meanOf } from './point-estimates.ts'
import { cdfAt, fitTails, knotLevel } from './quantile-function.ts'
import { applyTemperature, averageQuantiles, mixDistributions } from './quantile-mixture.ts'

const N = 255

function standardNormalKnots(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => normalQuantile(knotLevel(k, n)))
}

function mix(...members: Float64Array[]): Float64Array {
  const out = new Float64Array(members[0]!.length)
  mixDistributions(members, out)
  return out
}

function randomKnots(random: Random, n = N): Float64Array {
  const shift = random.normal() * 3
  return Float64Array.from({ length: n }, () => shift + random.normal()).sort()
}

test('one member is returned unchanged, and equal members are that member', () => {
  const knots = randomKnots(Random.fromSeed(1))
  expect([...mix(knots)]).toEqual([...knots])
  const same = mix(knots, knots, knots)
  for (let k = 0; k < N; k++) expect(same[k]).toBeCloseTo(knots[k]!, 12)
})

test('the mixture of two point masses has half of its quantiles at each', () => {
  const out = mix(new Float64Array(4).fill(0), new Float64Array(4).fill(1))
  expect([...out]).toEqual([0, 0, 1, 1])
})

test('two overlapping hand-worked members mix to the mean of their distribution functions', () => {
  // Levels 1/4, 3/4, no tails asked of atoms: A uniform on [0, 2] at its knots, B the same two to the right.
  const out = mix(Float64Array.of(0, 2), Float64Array.of(1, 3))
  const tails = fitTails(Float64Array.of(0, 2))
  // At 1: A has 1/2, B 1/4 -> 3/8. At 0: A 1/4, B its left tail.
  const at0 = (0.25 + 0.25 * Math.exp(-1 / tails.left)) / 2
  expect(out[0]).toBeCloseTo((0.25 - at0) / (0.375 - at0), 9)
  expect(out[0]! + out[1]!).toBeCloseTo(3, 9)
})

test('the distribution function of the mixture is the mean of the members at its quantiles', () => {
  const random = Random.fromSeed('mixture')
  for (let round = 0; round < 20; round++) {
    const members = Array.from({ length: 4 }, () => randomKnots(random))
    const out = mix(...members)
    for (let k = 0; k < N; k++) {
      const mean = members.reduce((sum, knots) => sum + cdfAt(knots, fitTails(knots), out[k]!), 0) / 4
      expect(mean).toBeCloseTo((k + 0.5) / N, 3)
    }
  }
})

test('the mixture is sorted, does not depend on the order of members and has the mean of their means', () => {
  const random = Random.fromSeed('mixture mean')
  for (let round = 0; round < 20; round++) {
    const members = Array.from({ length: 3 }, () => randomKnots(random))
    const out = mix(...members)
    for (let k = 1; k < N; k++) expect(out[k]!).toBeGreaterThanOrEqual(out[k - 1]!)
    const turned = mix(members[2]!, members[0]!, members[1]!)
    for (let k = 0; k < N; k++) expect(turned[k]).toBeCloseTo(out[k]!, 9)
    const expected = members.reduce((sum, knots) => sum + meanOf(knots, fitTails(knots)), 0) / 3
    expect(meanOf(out, fitTails(out))).toBeCloseTo(expected, 1)
  }
})

test('members far apart leave quantiles at both and one crossing', () => {
  const out = mix(
    standardNormalKnots(N),
    standardNormalKnots(N).map((z) => z + 1000),
  )
  expect(out.filter((q) => q < 500).length).toBeGreaterThanOrEqual(127)
  expect(out.filter((q) => q > 500).length).toBeGreaterThanOrEqual(127)
})

test('averaging quantiles keeps the width that the members have', () => {
  const out = new Float64Array(N)
  averageQuantiles([standardNormalKnots(N), standardNormalKnots(N).map((z) => z + 4)], out)
  const normal = standardNormalKnots(N)
  for (let k = 0; k < N; k++) expect(out[k]).toBeCloseTo(normal[k]! + 2, 12)
})

test('temperature scales the variance, keeps the mean, and 1 changes no bit', () => {
  const knots = standardNormalKnots(N).map((z) => 3 + 2 * z)
  const cold = knots.slice()
  applyTemperature(cold, 3, 0.25)
  for (let k = 0; k < N; k++) expect(cold[k]! - 3).toBeCloseTo((knots[k]! - 3) / 2, 12)
  const same = knots.slice()
  applyTemperature(same, meanOf(same, fitTails(same)), 1)
  expect([...same]).toEqual([...knots])
})

test('a weight is how often a member counts', () => {
  const n = 51
  const near = Float64Array.from({ length: n }, (_, k) => k / n)
  const far = Float64Array.from({ length: n }, (_, k) => 3 + k / 10)
  const [weighted, repeated, even] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  mixDistributions([near, far], weighted, [3, 1])
  mixDistributions([near, near, near, far], repeated)
  for (let k = 0; k < n; k++) expect(weighted[k]).toBeCloseTo(repeated[k]!, 12)
  mixDistributions([near, far], even, [0.5, 0.5])
  mixDistributions([near, far], repeated)
  expect(even).toEqual(repeated)
})
