import { describe, expect, test } from 'vitest'
import { isIntegerText, isMissingMark, parseBoolean, parseDatetime, parseNumber } from './parse-cell.ts'

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['12', 12],
    ['+1', 1],
    ['-3.5', -3.5],
    ['.5', 0.5],
    ['5.', 5],
    ['6.02e23', 6.02e23],
    ['1E-3', 0.001],
    [' 7 ', 7],
    ['0.1', 0.1],
    ['9007199254740993', 9007199254740992],
    ['1e999', Infinity],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['+INF', Infinity],
  ])('%j is %d', (text, value) => {
    expect(parseNumber(text)).toBe(value)
  })

  test.each([
    '',
    ' ',
    '1,234',
    '1 234',
    '0x1F',
    '12%',
    '00123',
    '-007',
    '00.5',
    '1e',
    '.',
    '-',
    'nan',
    '1_000',
    '١٢',
    'True',
  ])('%j is no number', (text) => {
    expect(parseNumber(text)).toBeNaN()
  })

  test('a whole number written with a point or an exponent is not an integer', () => {
    expect(['5', '-5', '+5', ' 5 '].every(isIntegerText)).toBe(true)
    expect(['5.0', '5.', '5e0', 'inf'].some(isIntegerText)).toBe(false)
  })
})

test('booleans are True and False in three spellings and nothing else', () => {
  expect(['True', 'true', 'TRUE', ' true '].map(parseBoolean)).toEqual([1, 1, 1, 1])
  expect(['False', 'false', 'FALSE'].map(parseBoolean)).toEqual([0, 0, 0])
  for (const text of ['1', '0', 'yes', 't', 'tRUE', '']) expect(parseBoolean(text)).toBeNaN()
})

test('the usual marks of missing values are known', () => {
  for (const mark of [
    '',
    ' ',
    'NA',
    'n/a',
    '#N/A',
    'NaN',
    '-nan',
    'null',
    'NULL',
    'None',
    '<NA>',
    'NaT',
    '?',
  ]) {
    expect(isMissingMark(mark)).toBe(true)
  }
  for (const text of ['0', 'nano', 'no', '-', 'missing']) expect(isMissingMark(text)).toBe(false)
})

describe('datetimes', () => {
  test.each([
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-05-17T08:30', '2024-05-17T08:30:00.000Z'],
    ['2024-05-17 08:30:15', '2024-05-17T08:30:15.000Z'],
    ['2024-05-17 08:30:15.25', '2024-05-17T08:30:15.250Z'],
    ['2024-05-17T08:30:15Z', '2024-05-17T08:30:15.000Z'],
    ['2024-05-17T08:30:15+02:00', '2024-05-17T06:30:15.000Z'],
    ['2024-05-17 08:30:15-0530', '2024-05-17T14:00:15.000Z'],
    ['2024-05-17T08:30:15+01', '2024-05-17T07:30:15.000Z'],
    ['2024-05-17 08:30:15 UTC', '2024-05-17T08:30:15.000Z'],
    ['1969-12-31T23:59:59.999', '1969-12-31T23:59:59.999Z'],
    ['0099-03-01', '0099-03-01T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(parseDatetime(text)).toISOString()).toBe(iso)
  })

  test('parts of a millisecond are kept', () => {
    expect(parseDatetime('1970-01-01T00:00:00.123456789')).toBeCloseTo(123.456789, 9)
  })

  test.each([
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2024-05-17T24:00',
    '2024-05-17T08:60',
    '2024-05-17T08:30:60',
    '17.05.2024',
    '05/17/2024',
    '2024-5-7',
    '20240517',
    '2024-05',
    '12:30',
    '2024-05-17T08',
    '2024-05-17T08:30+25:00',
    '',
  ])('%j is none', (text) => {
    expect(parseDatetime(text)).toBeNaN()
  })
})
