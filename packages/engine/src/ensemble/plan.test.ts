import { expect, test } from 'vitest'
import { columnIdentities, type PlanInput, planEnsemble } from './plan.ts'

const INPUT: PlanInput = {
  estimators: 8,
  randomState: 0,
  categoryCounts: [0, 5, 0, 0, 2, 0],
  classCount: 10,
  isTargetSkewed: false,
}

function isPermutation(list: readonly number[], count: number): boolean {
  return [...list].sort((a, b) => a - b).join() === Array.from({ length: count }, (_, i) => i).join()
}

test('every member orders all columns, gives classes distinct slots and permutes categories', () => {
  for (const member of planEnsemble(INPUT)) {
    expect(isPermutation(member.order, 6)).toBe(true)
    expect(member.slots).toHaveLength(10)
    expect(new Set(member.slots).size).toBe(10)
    expect(member.slots.every((slot) => slot >= 0 && slot < 64)).toBe(true)
    expect(member.categoryCodes.map((codes) => codes?.length ?? 0)).toEqual(INPUT.categoryCounts)
    expect(isPermutation(member.categoryCodes[1]!, 5)).toBe(true)
  }
})

test('members differ, the first keeps the order of the table, and preprocessing alternates', () => {
  const plans = planEnsemble(INPUT)
  expect(plans[0]!.order).toEqual([0, 1, 2, 3, 4, 5])
  expect(new Set(plans.map(({ slots }) => slots.join())).size).toBe(8)
  expect(plans.map(({ variant }) => variant)).toEqual(Array(4).fill(['standard', 'quantile']).flat())
})

test('the seed decides the plan, and a member does not change when others are added', () => {
  expect(planEnsemble(INPUT)).toEqual(planEnsemble(INPUT))
  expect(planEnsemble({ ...INPUT, randomState: 1 })[3]).not.toEqual(planEnsemble(INPUT)[3])
  expect(planEnsemble({ ...INPUT, estimators: 3 })).toEqual(planEnsemble(INPUT).slice(0, 3))
})

test('a model that has learned few slots sees each class in several of them', () => {
  const plans = planEnsemble({ ...INPUT, estimators: 4, classSlots: 5, classCount: 3 })
  for (const { slots } of plans) {
    expect(new Set(slots).size).toBe(3)
    expect(slots.every((slot) => slot < 5)).toBe(true)
  }
  for (let c = 0; c < 3; c++) expect(new Set(plans.map(({ slots }) => slots[c])).size).toBe(4)
  expect(planEnsemble({ ...INPUT, classSlots: 5 })[0]!.slots).toHaveLength(10)
})

test('half of the members transform a skewed target, with either preprocessing', () => {
  const plans = planEnsemble({ ...INPUT, classCount: 0, isTargetSkewed: true, estimators: 4 })
  expect(plans.filter(({ transformsTarget }) => transformsTarget).map(({ variant }) => variant)).toEqual([
    'quantile',
    'standard',
  ])
  expect(planEnsemble(INPUT).some(({ transformsTarget }) => transformsTarget)).toBe(false)
})

test('columns and classes may be turned from member to member, or stay', () => {
  const rotated = planEnsemble({ ...INPUT, columnOrder: 'rotate', classOrder: 'rotate', classCount: 3 })
  expect(rotated[0]!.order).toEqual([0, 1, 2, 3, 4, 5])
  expect(rotated[1]!.order).toEqual([5, 0, 1, 2, 3, 4])
  expect(rotated.slice(0, 4).map(({ slots }) => slots)).toEqual([
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 1, 2],
  ])
  for (const member of planEnsemble({ ...INPUT, columnOrder: 'keep', classOrder: 'keep', classCount: 2 })) {
    expect([member.order, member.slots]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1],
    ])
  }
})

test('codes of categories are kept or shuffled in all members when that is asked for', () => {
  const codes = (categoryOrder: 'keep' | 'shuffle') =>
    planEnsemble({ ...INPUT, categoryOrder }).map((member) => member.categoryCodes[1]!.join())
  expect(new Set(codes('keep'))).toEqual(new Set(['0,1,2,3,4']))
  expect(codes('shuffle')[0]).not.toBe('0,1,2,3,4')
})

test('64 classes fill all slots', () => {
  const [member] = planEnsemble({ ...INPUT, classCount: 64, estimators: 1 })
  expect(isPermutation(member!.slots, 64)).toBe(true)
})

test('column vectors are standard normal and differ by member and place, not by how many there are', () => {
  const ids = columnIdentities(7, [0, 1, 2, 3], 50)
  const mean = ids.reduce((sum, x) => sum + x, 0) / ids.length
  const square = ids.reduce((sum, x) => sum + x * x, 0) / ids.length
  expect(Math.abs(mean)).toBeLessThan(0.06)
  expect(Math.abs(square - 1)).toBeLessThan(0.1)
  expect([...columnIdentities(7, [0], 3)]).toEqual([...ids.slice(0, 48)])
  expect([...ids.slice(0, 16)]).not.toEqual([...ids.slice(16, 32)])
})
