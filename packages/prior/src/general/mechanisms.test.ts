import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { MECHANISMS } from './mechanisms.ts'
import { drawTrees } from './trees.ts'

const rows = 120
const inputsOf = (count: number, random: Random) =>
  Array.from({ length: count }, () => random.fillNormal(new Float64Array(rows)))

test.each(Object.entries(MECHANISMS))(
  '%s gives standardised finite values and leaves its inputs alone',
  (_, draw) => {
    let varying = 0
    for (let s = 0; s < 40; s++) {
      const random = Random.fromSeed('mechanism', s)
      const inputs = inputsOf(1 + (s % 6), random)
      const before = inputs.map((input) => input.join())
      const out = draw(inputs, random)
      expect(out).toHaveLength(rows)
      expect(out.every((value) => Math.abs(value) <= 8)).toBe(true)
      expect(inputs.map((input) => input.join())).toEqual(before)
      if (out.some((value) => value !== out[0])) varying++
    }
    expect(varying).toBeGreaterThan(30)
  },
)

test.each(Object.entries(MECHANISMS))('%s is a function: equal rows get equal values', (_, draw) => {
  for (let s = 0; s < 10; s++) {
    const random = Random.fromSeed('function', s)
    const inputs = inputsOf(3, random)
    for (const input of inputs) input[1] = input[0]!
    const out = draw(inputs, random)
    expect(out[1]).toBe(out[0])
  }
})

test('a tree of depth d takes at most 2^d values, and one of depth 1 is a step in one input', () => {
  const random = Random.fromSeed('trees')
  const inputs = inputsOf(4, random)
  expect(new Set(drawTrees(inputs, random, { count: 1, depth: 3 })).size).toBeLessThanOrEqual(8)
  const stump = drawTrees(inputs, random, { count: 1, depth: 1 })
  expect(new Set(stump).size).toBe(2)
  const isStepOf = (input: Float64Array) => {
    const order = Array.from(input.keys()).sort((a, b) => input[a]! - input[b]!)
    return order.filter((row, k) => k > 0 && stump[row] !== stump[order[k - 1]!]).length === 1
  }
  expect(inputs.filter(isStepOf)).toHaveLength(1)
})
