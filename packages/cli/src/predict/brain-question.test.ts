import type { Column, Table } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { brainQuestion, labelsOf } from './brain-question.ts'

const numbers = (name: string, ...values: number[]): Column => {
  return { kind: 'number', name, values: Float64Array.from(values), integer: false }
}
const words = (name: string, levels: string[], ...codes: number[]): Column => {
  return { kind: 'string', name, levels, codes: Int32Array.from(codes) }
}
const tableOf = (...columns: Column[]): Table => ({ rowCount: 2, columns })

const ask = (train: Column[], test: Column[], { isClasses = false } = {}) =>
  brainQuestion({ train: tableOf(...train), test: tableOf(...test), target: train.at(-1)! }, isClasses)

test('columns are matched by name, else by position, and what is missing is null', () => {
  const train = [numbers('a', 1, 2), numbers('b', 3, Number.NaN), numbers('y', 5, 6)]
  const context = {
    x: [
      [1, 3],
      [2, null],
    ],
    y: [5, 6],
  }
  expect(ask(train, [numbers('b', 30, 40), numbers('a', 10, 20)])).toEqual({
    body: {
      context,
      query: {
        x: [
          [10, 30],
          [20, 40],
        ],
      },
    },
    labels: null,
  })
  expect(ask(train, [numbers('c', 10, 20), numbers('d', 30, 40)]).body['query']).toEqual({
    x: [
      [10, 30],
      [20, 40],
    ],
  })
  expect(() => ask(train, [numbers('b', 1, 2), numbers('c', 1, 2)])).toThrow(`lacks 'a'`)
})

test('whole numbers are their own classes; other labels are counted, and come back', () => {
  const query = [numbers('a', 1, 2)]
  const whole = ask([numbers('a', 1, 2), numbers('y', 7, -1)], query, { isClasses: true })
  expect([whole.body['context'], whole.labels]).toEqual([{ x: [[1], [2]], labels: [7, -1] }, [-1, 7]])
  expect(labelsOf({ predictions: [], warnings: [], classes: [-1, 7] }, whole.labels!)).toEqual([-1, 7])
  const named = ask([numbers('a', 1, 2), words('y', ['yes', 'no'], 0, 1)], query, { isClasses: true })
  expect([named.body['context'], named.labels]).toEqual([{ x: [[1], [2]], labels: [1, 0] }, ['no', 'yes']])
  expect(labelsOf({ predictions: [], warnings: [], classes: [0, 1] }, named.labels!)).toEqual(['no', 'yes'])
})

test('a target alone is a series, continued for as many steps as the other table has rows', () => {
  expect(ask([numbers('y', 5, Number.NaN)], [numbers('step', 1, 2)])).toEqual({
    body: { context: { y: [5, null] }, horizon: 2 },
    labels: null,
  })
})

test('text and missing classes are named', () => {
  expect(() => ask([words('a', ['x'], 0, 0), numbers('y', 1, 2)], [words('a', ['x'], 0, 0)])).toThrow(
    `The column 'a' holds text`,
  )
  const gap = [numbers('a', 1, 2), numbers('y', 1, Number.NaN)]
  expect(() => ask(gap, [numbers('a', 1, 2)], { isClasses: true })).toThrow(`'y' is missing in row 2`)
})
