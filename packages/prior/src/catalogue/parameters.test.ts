import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { CATALOGUE, findPrior, requirePrior } from './catalogue.ts'
import { drawParameters, rangeOf, validateOverrides } from './parameters.ts'
import { samplePrior } from './sample-prior.ts'

const linear = requirePrior('linear-regression')

test('every prior is found by id and by slug, and by either spelling', () => {
  expect(CATALOGUE).toHaveLength(16)
  for (const prior of CATALOGUE) {
    expect(findPrior(prior.id)).toBe(prior)
    expect(findPrior(prior.slug)).toBe(prior)
    expect(findPrior(prior.slug.replaceAll('-', '_'))).toBe(prior)
  }
  expect(findPrior('unknown')).toBeUndefined()
})

test('defaults lie within their ranges, and ranges within what an override may be', () => {
  for (const { id, parameters } of CATALOGUE) {
    for (const [name, { default: value, range, limits, type, choices }] of Object.entries(parameters)) {
      const label = `${id} ${name}`
      if (type === 'categorical') expect(choices, label).toContain(value)
      for (const number of [value, range ?? []].flat()) {
        if (typeof number !== 'number') continue
        expect(number, label).toBeGreaterThanOrEqual((range && value === number ? range : limits)![0])
        expect(number, label).toBeLessThanOrEqual((range && value === number ? range : limits)![1])
      }
    }
  }
})

test('a parameter with a range covers it over many draws, an overridden one stays', () => {
  const random = Random.fromSeed('ranges')
  const draws = Array.from({ length: 400 }, () =>
    drawParameters(linear.parameters, { noise_scale: 0.2 }, random),
  )
  const slopes = draws.map(({ coefficient_range }) => coefficient_range as number)
  expect(Math.min(...slopes)).toBeLessThan(0.55)
  expect(Math.max(...slopes)).toBeGreaterThan(1.95)
  expect(draws.every(({ noise_scale }) => noise_scale === 0.2)).toBe(true)
  const rows = new Set(draws.map(({ num_points }) => num_points))
  expect(rows.has(50)).toBe(true)
  expect(rows.has(200)).toBe(true)
})

test('an override may be a range, or one number for an interval', () => {
  const random = Random.fromSeed('override ranges')
  for (let i = 0; i < 50; i++) {
    const { noise_scale } = drawParameters(linear.parameters, { noise_scale: [0.3, 0.4] }, random)
    expect(noise_scale).toBeGreaterThanOrEqual(0.3)
    expect(noise_scale).toBeLessThanOrEqual(0.4)
  }
  const sine = requirePrior('sine-wave')
  validateOverrides(sine, { omega_range: 1.5 })
  expect(drawParameters(sine.parameters, { omega_range: 1.5 }, random)['omega_range']).toEqual([1.5, 1.5])
  expect(rangeOf(sine, { omega_range: 1.5 }, 'omega_range')).toEqual([1.5, 1.5])
  expect(rangeOf(linear, {}, 'noise_scale')).toEqual([0.05, 0.5])
})

test.each([
  [{ noise: 1 }, 'linear_regression has no parameter "noise"; it has num_points, coefficient_range'],
  [
    { noise_scale: -1 },
    'noise_scale must be a number from 0 to 1000000, or a pair [low, high] of them, got -1',
  ],
  [{ noise_scale: [0.5, 0.1] }, 'noise_scale must be'],
  [{ noise_scale: '0.1' }, 'got "0.1"'],
  [{ num_points: 50.5 }, 'num_points must be a whole number from 16 to 10000'],
  [{ toString: 1 }, 'has no parameter "toString"'],
])('the override %j is refused: %s', (overrides, message) => {
  expect(() => validateOverrides(linear, overrides as never)).toThrow(message)
})

test('a choice that does not exist is refused with those that do', () => {
  expect(() => validateOverrides(requirePrior('chain-scm'), { monotonicity: 'up' })).toThrow(
    'monotonicity must be one of mixed, positive, negative, got "up"',
  )
})

test('sample i is drawn from seed + i and has every declared output', () => {
  for (const prior of CATALOGUE) {
    const { samples, outputs } = samplePrior(prior, { count: 3, seed: 7 })
    expect(samples.map(({ seed }) => seed)).toEqual([7, 8, 9])
    expect(samplePrior(prior, { count: 1, seed: 8 }).samples[0]).toEqual(samples[1])
    for (const { values } of samples) {
      expect(Object.keys(values).sort()).toEqual(outputs.map(({ name }) => name).sort())
      for (const [name, { shape, data }] of Object.entries(values)) {
        expect(data.length, name).toBe(shape.reduce((product, size) => product * size, 1))
        expect(data.every(Number.isFinite), `${prior.id} ${name}`).toBe(true)
      }
    }
  }
})

test('a count or seed that cannot be used is refused', () => {
  expect(() => samplePrior(linear, { count: 0 })).toThrow('count must be a whole number from 1 to 100, got 0')
  expect(() => samplePrior(linear, { seed: 1.5 })).toThrow('seed must be a whole number')
})

test('samples that would fill the memory are refused before they are drawn', () => {
  const overrides = { num_points: 10_000, dim: 64 }
  expect(() => samplePrior(requirePrior('logistic-interactions'), { count: 3, overrides })).toThrow(
    /may have 1000000 cells .* sample 2 of 3 has 10000 x 64 and brings them to 1280000/,
  )
})
