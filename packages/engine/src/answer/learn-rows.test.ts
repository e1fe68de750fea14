import { describe, expect, it } from 'vitest'
import { resolveOptions } from '../options.ts'
import { defaultMembers } from './answer-rows.ts'
import { planMembers, unseenClasses } from './learn-rows.ts'

const options = resolveOptions('classification', { estimators: 4 })
const shape = { columns: 6, classes: 3 }

describe('members of an answer', () => {
  it('differ in the order of columns and the slots of classes', () => {
    const members = planMembers(options, {}, shape)
    expect(new Set(members.map(({ order }) => order.join())).size).toBe(4)
    expect(new Set(members.map(({ slots }) => slots.join())).size).toBe(4)
  })

  it('alternate in the scaling of cells, unless the model has seen one only', () => {
    const variants = (inputs: Parameters<typeof planMembers>[1]) =>
      planMembers(options, inputs, shape).map(({ variant }) => variant)
    expect(variants({})).toEqual(['standard', 'quantile', 'standard', 'quantile'])
    expect(new Set(variants({ inputs: { kind: 'rows' } }))).toEqual(new Set(['standard']))
  })

  it('are four for the classes of a small context, whatever is asked, and else one', () => {
    const rows = (rows: number, columns: number) => ({ rows, columns, values: new Float64Array() })
    expect(defaultMembers('classification', rows(256, 8))).toBe(4)
    expect(defaultMembers('classification', rows(257, 8))).toBe(1)
    expect(defaultMembers('regression', rows(10, 2))).toBe(1)
  })
})

describe('the classes of a context', () => {
  const unseen = (labels: number[], least: number) => unseenClasses(Float64Array.from(labels), least)

  it('are what it has, when it has several', () => {
    expect(unseen([0, 1, 1], 3)).toEqual([])
    expect(unseen([5, 7], 2)).toEqual([])
  })

  it('are as many as the prior has at least, when it has one', () => {
    expect(unseen([1, 1, 1], 2)).toEqual([0])
    expect(unseen([0, 0], 2)).toEqual([1])
    expect(unseen([7], 3)).toEqual([0, 1])
    expect(unseen([-2], 1)).toEqual([0])
  })
})
