import { describe, expect, test } from 'vitest'
import { fromRecords } from '../table/from-records.ts'
import { inferColumn } from '../table/infer-column.ts'
import type { Column } from '../table/table.ts'
import { encodeTarget, fitTarget, type TargetState } from './target.ts'

const csv = (...cells: string[]) => inferColumn('y', cells)
const json = (...cells: unknown[]): Column => fromRecords(cells.map((y) => ({ y }))).columns[0]!
const error = (code: string) => expect.objectContaining({ code })

describe('classification targets', () => {
  test.each([
    ['integers sort by size', csv('10', '2', '-1', '2'), 'integer', [-1, 2, 10], [1, 2, 1]],
    ['floats sort by size', csv('2.5', '-0.0', '0'), 'float', [0, 2.5], [2, 1]],
    ['booleans sort false first', csv('True', 'False'), 'boolean', [false, true], [1, 1]],
    [
      'text sorts by code point',
      csv('😀', 'b', '\uFB01', 'B'),
      'string',
      ['B', 'b', '\uFB01', '😀'],
      [1, 1, 1, 1],
    ],
    ['number-like text stays text when the file says text', json('10', '2'), 'string', ['10', '2'], [1, 1]],
    [
      'dates become ISO text',
      csv('2024-02-01', '2024-01-01'),
      'datetime',
      ['2024-01-01', '2024-02-01'],
      [1, 1],
    ],
  ])('%s', (_title, column, labelType, classes, counts) => {
    expect(fitTarget(column, 'classification')).toMatchObject({ labelType, classes, counts })
  })

  test('labels become the position of their class', () => {
    const state = fitTarget(csv('b', 'a', 'c'), 'classification')
    expect(Array.from(encodeTarget(state, csv('c', 'a', 'b', 'a')))).toEqual([2, 0, 1, 0])
  })

  test('labels are found again when a later file reads as another kind', () => {
    const state = fitTarget(json('0', '1'), 'classification')
    expect(Array.from(encodeTarget(state, csv('1', '0')))).toEqual([1, 0])
  })

  test('a single class is refused', () => {
    expect(() => fitTarget(csv('a', 'a'), 'classification')).toThrowError(error('one_class'))
  })

  test('more classes than the model has are refused', () => {
    expect(() => fitTarget(csv('1', '2', '3'), 'classification', { maxClasses: 2 })).toThrowError(
      error('too_many_classes'),
    )
    expect(fitTarget(csv('1', '2', '3'), 'classification', { maxClasses: 3 }).classes).toHaveLength(3)
  })

  test('a label that the fit did not see is refused with its row', () => {
    const state = fitTarget(csv('a', 'b'), 'classification')
    expect(() => encodeTarget(state, csv('a', 'z'))).toThrowError(
      expect.objectContaining({ code: 'unknown_class', details: { column: 'y', row: 1 } }),
    )
  })

  test('integer labels that JSON cannot tell apart and infinite labels are refused', () => {
    expect(() => fitTarget(csv('9007199254740993', '1'), 'classification')).toThrowError(
      error('unsupported_target'),
    )
    expect(() => fitTarget(csv('inf', '1'), 'classification')).toThrowError(error('target_not_finite'))
  })
})

describe('regression targets', () => {
  test('mean, population standard deviation and range', () => {
    const state = fitTarget(csv('1', '2', '3', '4'), 'regression')
    expect(state).toMatchObject({ mean: 2.5, min: 1, max: 4 })
    expect(state.scale).toBeCloseTo(Math.sqrt(1.25), 15)
    const standardised = encodeTarget(state, csv('1', '2.5'))
    expect(standardised[0]).toBeCloseTo(-1.5 / Math.sqrt(1.25), 14)
    expect(standardised[1]).toBe(0)
  })

  test('a constant target has scale 0 and is encoded as 0', () => {
    const state = fitTarget(csv('7', '7'), 'regression')
    expect(state).toMatchObject({ mean: 7, scale: 0 })
    expect(Array.from(encodeTarget(state, csv('7', '9')))).toEqual([0, 0])
  })

  test('numeric text and booleans count as numbers', () => {
    expect(fitTarget(json('1', '3'), 'regression').mean).toBe(2)
    expect(fitTarget(csv('True', 'False'), 'regression').mean).toBe(0.5)
  })

  test('values of any size give a finite mean and scale', () => {
    for (const cells of [
      ['1e308', '-1e308', '1.7e308'],
      ['1e-310', '2e-310'],
      ['1e15', '1000000000000001'],
    ]) {
      const state = fitTarget(csv(...cells), 'regression')
      expect(Number.isFinite(state.mean)).toBe(true)
      expect(state.scale).toBeGreaterThan(0)
      expect(Number.isFinite(state.scale)).toBe(true)
    }
  })

  test('text, dates and infinite values are refused', () => {
    expect(() => fitTarget(csv('a', '1'), 'regression')).toThrowError(error('target_not_numeric'))
    expect(() => fitTarget(csv('2024-01-01'), 'regression')).toThrowError(error('target_not_numeric'))
    expect(() => fitTarget(csv('1', '-inf'), 'regression')).toThrowError(error('target_not_finite'))
  })
})

describe('both tasks', () => {
  test.each(['classification', 'regression'] as const)('%s refuses missing values and no rows', (task) => {
    expect(() => fitTarget(csv('1', '', '2', ''), task)).toThrowError(
      expect.objectContaining({
        code: 'target_missing_values',
        details: { column: 'y', missing: 2, firstRow: 1 },
      }),
    )
    expect(() => fitTarget(csv(), task)).toThrowError(error('no_rows'))
    const state = fitTarget(csv('1', '2'), task)
    expect(() => encodeTarget(state, csv('1', ''))).toThrowError(error('target_missing_values'))
    expect(() => encodeTarget(state, json('1', 'NA'))).toThrowError()
  })

  test('the state survives a JSON round trip exactly', () => {
    for (const state of [
      fitTarget(csv('a', 'b'), 'classification'),
      fitTarget(csv('2024-01-01T00:00:00.000001', '2024-01-01'), 'classification'),
      fitTarget(csv('0.1', '0.2', '0.30000000000000004'), 'regression'),
    ]) {
      expect(JSON.parse(JSON.stringify(state)) as TargetState).toStrictEqual(state)
    }
  })
})
