import { expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { type NumericColumn, takeColumnRows } from '../table/numeric-table.ts'
import {
  applyPipeline,
  categoryCount,
  fitPipeline,
  type MemberPipeline,
  type PipelineOptions,
  pipelineWidth,
} from './pipeline.ts'

const PLAIN: PipelineOptions = {
  scaling: 'none',
  categories: 'codes',
  keepsOriginal: false,
  maxColumns: 500,
  components: null,
  maxOneHot: null,
}
const NOTHING: MemberPipeline = {
  options: null,
  selection: null,
  products: [],
  fingerprintSalt: null,
  outlierSpreads: null,
}
const ROWS = 60
const random = Random.fromSeed('pipeline')
const number = (name: string): NumericColumn => ({
  name,
  values: Float64Array.from({ length: ROWS }, (_, i) =>
    i % 11 === 0 ? Number.NaN : 100 + 7 * random.normal(),
  ),
  categorical: false,
})
const codes = (name: string, count: number): NumericColumn => ({
  name,
  values: Float64Array.from({ length: ROWS }, (_, i) => (i % 13 === 0 ? Number.NaN : i % count)),
  categorical: true,
})
const TABLE = [number('a'), codes('c', 3), number('b'), codes('two', 2), number('d')]

function fit(pipeline: Partial<MemberPipeline>, columns: readonly NumericColumn[] = TABLE) {
  return fitPipeline(columns, { ...NOTHING, ...pipeline }, Random.fromSeed('draws'))
}

const names = (columns: readonly NumericColumn[]) => columns.map(({ name }) => name)

test('with nothing asked for the columns come out as they went in', () => {
  expect(fit({}).columns).toEqual(TABLE)
  expect(fit({ options: PLAIN }).columns).toEqual(TABLE)
})

const CASES: [string, Partial<MemberPipeline>][] = [
  ['scaling', { options: { ...PLAIN, scaling: 'quantile_norm' } }],
  ['two scalings', { options: { ...PLAIN, scaling: 'norm_and_kdi', keepsOriginal: true } }],
  ['original kept', { options: { ...PLAIN, scaling: 'robust', keepsOriginal: 'auto' } }],
  ['one-hot', { options: { ...PLAIN, categories: 'one-hot' } }],
  ['bounded one-hot', { options: { ...PLAIN, categories: 'one-hot', maxOneHot: 2 } }],
  ['numbers', { options: { ...PLAIN, categories: 'numbers', scaling: 'safepower' } }],
  ['components', { options: { ...PLAIN, components: 'half', scaling: 'robust' } }],
  [
    'products',
    {
      products: [
        [0, 0],
        [0, 2],
      ],
    },
  ],
  ['selection', { selection: [1, 4], options: { ...PLAIN, scaling: 'kdi' } }],
  ['fingerprint', { fingerprintSalt: 5, outlierSpreads: 2 }],
]

test.each(CASES)(
  '%s: the width is known beforehand, the state is JSON, and rows do not see each other',
  (_, given) => {
    const { state, columns } = fit(given)
    const kinds = TABLE.map((column) => ({ categories: categoryCount(column) }))
    expect(columns).toHaveLength(pipelineWidth(kinds, ROWS, { ...NOTHING, ...given }))
    const kept = JSON.parse(JSON.stringify(state))
    expect(kept).toEqual(state)
    expect(applyPipeline(kept, TABLE, { isTraining: true })).toEqual(columns)
    const whole = applyPipeline(kept, TABLE, { isTraining: false })
    for (const row of [0, 17, 59]) {
      const alone = applyPipeline(kept, takeColumnRows(TABLE, Int32Array.of(row)), { isTraining: false })
      expect(alone.map(({ values }) => values[0])).toEqual(whole.map(({ values }) => values[row]))
    }
  },
)

test('products are those of two columns in units of their spread, and missing when one is', () => {
  const { columns } = fit({ products: [[0, 2]] })
  const spread = ({ values }: NumericColumn) => {
    const present = [...values].filter((x) => !Number.isNaN(x))
    const mean = present.reduce((a, b) => a + b) / present.length
    return Math.sqrt(present.reduce((sum, x) => sum + (x - mean) ** 2, 0) / present.length)
  }
  const [a, , b] = TABLE as [NumericColumn, NumericColumn, NumericColumn]
  const expected = (a.values[1]! * b.values[1]!) / spread(a) / spread(b)
  expect(columns[5]!.values[1]).toBeCloseTo(expected, 9)
  expect(columns[5]!.values[0]).toBeNaN()
})

test('one-hot columns are 1 for their category and 0 for others, unseen and missing ones included', () => {
  const { state, columns } = fit({ options: { ...PLAIN, categories: 'one-hot' } })
  expect(names(columns)).toEqual(['a', 'c = 0', 'c = 1', 'c = 2', 'b', 'two = 1', 'd'])
  const missing = TABLE.map((column) => ({ ...column, values: Float64Array.of(Number.NaN) }))
  const row = applyPipeline(state, missing, { isTraining: false })
  expect(row.map(({ values }) => values[0])).toEqual([Number.NaN, 0, 0, 0, Number.NaN, 0, Number.NaN])
  expect([...columns[2]!.values.subarray(1, 4)]).toEqual([1, 0, 0])
})

test('rare categories are numbers where only common ones may be shuffled', () => {
  const rare = {
    ...codes('rare', 3),
    values: Float64Array.from({ length: ROWS }, (_, i) => (i === 0 ? 2 : i % 2)),
  }
  const { columns } = fit({ options: { ...PLAIN, categories: 'shuffled-common' } }, [
    rare,
    codes('common', 3),
  ])
  expect(columns.map(({ categorical }) => categorical)).toEqual([false, true])
})

test('components of two columns on a line are their common direction', () => {
  const line = Float64Array.from({ length: ROWS }, (_, i) => i)
  const pair = [
    { name: 'x', values: line, categorical: false },
    { name: 'y', values: line.map((x) => 1000 - 2 * x), categorical: false },
  ]
  const { columns } = fit({ options: { ...PLAIN, components: 'half' } }, pair)
  expect(columns).toHaveLength(3)
  const spread = Math.sqrt((ROWS ** 2 - 1) / 12)
  const first = (line[0]! - (ROWS - 1) / 2) / spread
  // (z - (-z)) / sqrt(2), up to the sign.
  expect(Math.abs(columns[2]!.values[0]!)).toBeCloseTo(Math.abs(first) * Math.SQRT2, 9)
})

test('outliers are drawn in to a logarithm beyond the limit, in order, and the bulk stays', () => {
  const values = Float64Array.from({ length: 101 }, (_, i) => (i < 100 ? (i % 10) - 4.5 : 1000))
  const { state, columns } = fit({ outlierSpreads: 3 }, [{ name: 'x', values, categorical: false }])
  const [column] = columns
  expect([...column!.values.subarray(0, 100)]).toEqual([...values.subarray(0, 100)])
  const spread = Math.sqrt(8.25)
  expect(column!.values[100]).toBeCloseTo(3 * spread + spread * Math.log1p((1000 - 3 * spread) / spread), 9)
  const far = { name: 'x', values: Float64Array.of(-2000, Number.NaN, 2000, 3000), categorical: false }
  const [a, b, c, d] = applyPipeline(state, [far], { isTraining: false })[0]!.values
  expect(a).toBeLessThan(-8)
  expect(b).toBeNaN()
  expect(d!).toBeGreaterThan(c!)
})

test('fingerprints tell copies in training apart, and a query finds the first of them', () => {
  const twins = [{ name: 'x', values: Float64Array.of(1, 2, 1, 1, Number.NaN), categorical: false }]
  const { state, columns } = fit({ fingerprintSalt: 1 }, twins)
  const prints = [...columns[1]!.values]
  expect(new Set(prints).size).toBe(5)
  expect(prints.every((x) => x >= 0 && x < 1)).toBe(true)
  const queried = applyPipeline(state, twins, { isTraining: false })[1]!.values
  expect([...queried]).toEqual([prints[0], prints[1], prints[0], prints[0], prints[4]])
  expect(fit({ fingerprintSalt: 2 }, twins).columns[1]!.values).not.toEqual(columns[1]!.values)
})

test('a saved pipeline of another version is refused', () => {
  const state = { ...fit({}).state, version: 2 as 1 }
  expect(() => applyPipeline(state, TABLE, { isTraining: false })).toThrow(/version 2/)
})
