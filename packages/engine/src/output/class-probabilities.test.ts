import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import {
  type MemberLogits,
  mostProbable,
  type ProbabilityOptions,
  writeProbabilities,
} from './class-probabilities.ts'

const PLAIN: ProbabilityOptions = { temperature: 1, averageBeforeSoftmax: false, balanceBy: null }

function shape(
  members: MemberLogits[],
  slotCount: number,
  options: Partial<ProbabilityOptions> = {},
): number[] {
  const classes = members[0]!.slots.length
  const out = new Float64Array((members[0]!.logProbs.length / slotCount) * classes)
  writeProbabilities(members, slotCount, { ...PLAIN, ...options }, out)
  return [...out]
}

const logs = (...p: number[]) => p.map(Math.log)
const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12))

test('slots are read in class order and mass on other slots is shared out', () => {
  expect(shape([{ logProbs: logs(0.3, 0.5, 0.2), slots: [2, 0] }], 3)).toEqual(close([0.4, 0.6]))
})

test('a temperature below 1 sharpens: T = 0.5 squares the odds', () => {
  const member = { logProbs: logs(0.2, 0.8), slots: [0, 1] }
  expect(shape([member], 2, { temperature: 0.5 })).toEqual(close([1 / 17, 16 / 17]))
})

test('members are averaged as probabilities, or as logits when asked', () => {
  const members = [
    { logProbs: logs(0.9, 0.1), slots: [0, 1] },
    { logProbs: logs(0.5, 0.5), slots: [1, 0] },
  ]
  expect(shape(members, 2)).toEqual(close([0.7, 0.3]))
  // Geometric mean: odds 9 and 1 give odds 3.
  expect(shape(members, 2, { averageBeforeSoftmax: true })).toEqual(close([0.75, 0.25]))
})

test('balancing divides by the training frequency', () => {
  const member = { logProbs: logs(0.9, 0.1), slots: [0, 1] }
  expect(shape([member], 2, { balanceBy: [0.9, 0.1] })).toEqual(close([0.5, 0.5]))
})

test('rows sum to 1 and do not depend on each other', () => {
  const random = Random.fromSeed('rows')
  const rows = 40
  const members = Array.from({ length: 3 }, () => ({
    logProbs: Float32Array.from({ length: rows * 64 }, () => -20 * random.uniform()),
    slots: random.permutation(64).slice(0, 7),
  }))
  const all = shape(members, 64, { temperature: 0.9, balanceBy: [0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1] })
  for (let row = 0; row < rows; row++) {
    const part = all.slice(row * 7, row * 7 + 7)
    expect(part.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
    const alone = members.map(({ logProbs, slots }) => ({
      logProbs: logProbs.slice(row * 64, row * 64 + 64),
      slots,
    }))
    expect(shape(alone, 64, { temperature: 0.9, balanceBy: [0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1] })).toEqual(
      part,
    )
  }
})

test('very small probabilities and a very low temperature give no NaN', () => {
  const member = { logProbs: [-700, -1e-9, -690], slots: [0, 1, 2] }
  expect(shape([member], 3, { temperature: 0.001 })).toEqual([0, 1, 0])
})

test('of equally probable classes the first is the answer', () => {
  expect([...mostProbable(Float64Array.of(0.4, 0.4, 0.2, 0.1, 0.1, 0.8), 3)]).toEqual([0, 2])
})
