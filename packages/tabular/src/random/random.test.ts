import { expect, test } from 'vitest'
import { Random } from './random.ts'

const draws = 40_000

function moments(draw: () => number): { mean: number; variance: number } {
  let sum = 0
  let squares = 0
  for (let i = 0; i < draws; i++) {
    const x = draw()
    sum += x
    squares += x * x
  }
  return { mean: sum / draws, variance: squares / draws - (sum / draws) ** 2 }
}

test('the generator is sfc32: 1000 words from the state 1, 2, 3, 4 match the C reference', () => {
  const random = Random.fromState({ words: [1, 2, 3, 4], spareNormal: null })
  const words = Array.from({ length: 1000 }, () => random.nextInt32() >>> 0)
  expect(words.slice(0, 6)).toEqual([7, 34, 56623200, 188882296, 3431242869, 399395954])
  expect(words.slice(998)).toEqual([868909387, 1810128320])
  expect(random.state.words).toEqual([782664738, 1814323677, 1922074860, 1004])
})

test('seeds keep naming the same streams from release to release', () => {
  const zero = Random.fromSeed(0)
  expect([zero.nextInt32() >>> 0, zero.nextInt32() >>> 0, zero.nextInt32() >>> 0]).toEqual([
    1787381305, 209595782, 4214961192,
  ])
  const column = Random.fromSeed(7, 'column', 3)
  expect(column.normal()).toBeCloseTo(-2.1092197512955906, 14)
  expect(column.normal()).toBeCloseTo(1.8318348595031855, 14)
  expect(column.uniform()).toBeCloseTo(0.8380451193935355, 14)
  expect(column.gamma(2.5)).toBeCloseTo(1.5143072556620127, 12)
})

test('seed parts are framed: type, length and order all matter', () => {
  const seeds: (number | string)[][] = [
    [],
    [0],
    [1],
    ['1'],
    ['ab', 'c'],
    ['a', 'bc'],
    ['abc'],
    [1, 2],
    [2, 1],
    [12],
    [1.5],
  ]
  const first = seeds.map((parts) => Random.fromSeed(...parts).nextInt32())
  expect(new Set(first).size).toBe(seeds.length)
  expect(Random.fromSeed(-0).nextInt32()).toBe(Random.fromSeed(0).nextInt32())
  expect(() => Random.fromSeed(Number.NaN)).toThrow(/finite number/)
})

test('a generator restored from its state through JSON goes on with the same numbers', () => {
  const random = Random.fromSeed('resume')
  random.normal()
  const copy = Random.fromState(JSON.parse(JSON.stringify(random.state)))
  for (let i = 0; i < 20; i++) expect(copy.normal()).toBe(random.normal())
  expect(() => Random.fromState({ words: [1, 2, 3, -4], spareNormal: null })).toThrow(/32-bit/)
})

test('a fork depends on the state and the parts and leaves the parent where it was', () => {
  const random = Random.fromSeed(5)
  const before = random.state
  const a = random.fork('a').nextInt32()
  expect(random.fork('a').nextInt32()).toBe(a)
  expect(random.fork('b').nextInt32()).not.toBe(a)
  expect(random.state).toEqual(before)
  random.nextInt32()
  expect(random.fork('a').nextInt32()).not.toBe(a)
})

test('draws have the moments of their distributions', () => {
  const random = Random.fromSeed('moments')
  const expectMoments = (draw: () => number, mean: number, variance: number) => {
    const found = moments(draw)
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws))
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.1)
  }
  expectMoments(() => random.uniform(), 0.5, 1 / 12)
  expectMoments(() => random.uniform(-2, 4), 1, 3)
  expectMoments(() => random.normal(), 0, 1)
  expectMoments(() => random.int(2, 6), 3.5, 1.25)
  expectMoments(() => (random.bool(0.3) ? 1 : 0), 0.3, 0.21)
  expectMoments(() => Math.log(random.logUniform(Math.exp(1), Math.exp(4))), 2.5, 0.75)
  expectMoments(() => random.gamma(0.5), 0.5, 0.5)
  expectMoments(() => random.gamma(4), 4, 4)
  expectMoments(() => random.beta(2, 3), 0.4, 0.04)
  expectMoments(() => random.studentT(10), 0, 1.25)
  expectMoments(() => (Math.abs(random.cauchy()) < 1 ? 1 : 0), 0.5, 0.25)
})

test('normals fill the tails and neighbours are uncorrelated', () => {
  const values = Random.fromSeed('tails').fillNormal(new Float64Array(draws))
  const beyondTwo = values.filter((x) => Math.abs(x) > 2).length / draws
  expect(beyondTwo).toBeGreaterThan(0.0455 - 0.005)
  expect(beyondTwo).toBeLessThan(0.0455 + 0.005)
  let lag = 0
  for (let i = 1; i < draws; i++) lag += values[i]! * values[i - 1]!
  expect(Math.abs(lag / draws)).toBeLessThan(5 / Math.sqrt(draws))
})

test('permutations are uniform over all orders', () => {
  const random = Random.fromSeed('order')
  const counts = new Map<string, number>()
  for (let i = 0; i < 12_000; i++) {
    const key = random.permutation(4).join()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  expect(counts.size).toBe(24)
  for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(5 * Math.sqrt(500))
})

test('shuffle keeps the items and choice reaches each of them', () => {
  const random = Random.fromSeed('items')
  expect(random.shuffle(['a', 'b', 'c', 'd']).sort()).toEqual(['a', 'b', 'c', 'd'])
  expect(new Set(Array.from({ length: 100 }, () => random.choice([1, 2, 3])))).toEqual(new Set([1, 2, 3]))
})

test('impossible requests are refused with what was expected', () => {
  const random = Random.fromSeed(1)
  expect(() => random.int(3, 3)).toThrow(/lo < hi/)
  expect(() => random.choice([])).toThrow(/lo < hi/)
  expect(() => random.gamma(0)).toThrow(/positive shape/)
})
