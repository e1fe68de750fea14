import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random, type Table, takeRows } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { expectClose, query, train, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import { makeTable } from '../../../../tests/support/tiny-model.ts'
import type {
  FullPrediction,
  LabelPrediction,
  MainPrediction,
  OutputOptions,
  ProbabilityPrediction,
} from '../job.ts'
import { Predictor } from './predictor.ts'

const { fit, main, predict, probabilities, settings } = usePredictor()

test('probabilities are positive, sum to 1 and agree with the predicted labels', async () => {
  const contextDir = await fit()
  const { classes, probabilities: p } = (await predict(contextDir, 'probas')) as ProbabilityPrediction
  const { labels } = (await predict(contextDir, 'preds')) as LabelPrediction
  expect(classes).toEqual(['Moth', 'ape', 'zebra'])
  expect(labels).toHaveLength(25)
  for (let row = 0; row < 25; row++) {
    const part = [...p.subarray(row * 3, row * 3 + 3)]
    expect(part.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(Math.min(...part)).toBeGreaterThan(0)
    expect(labels[row]).toBe(classes[part.indexOf(Math.max(...part))])
  }
  expect(new Set(p).size).toBeGreaterThan(60)
})

test('labels keep their JSON type', async () => {
  const cases: [Table['columns'][number], unknown[]][] = [
    [
      {
        kind: 'number',
        name: 'y',
        values: Float64Array.from({ length: 60 }, (_, i) => i % 3),
        integer: true,
      },
      [0, 1, 2],
    ],
    [{ kind: 'boolean', name: 'y', values: Uint8Array.from({ length: 60 }, (_, i) => i % 2) }, [false, true]],
    [
      {
        kind: 'string',
        name: 'y',
        codes: Int32Array.from({ length: 60 }, (_, i) => i % 2),
        levels: ['2', '10'],
      },
      ['10', '2'],
    ],
  ]
  for (const [column, classes] of cases) {
    const contextDir = await fit({ y: { table: { rowCount: 60, columns: [column] } } })
    const prediction = (await predict(contextDir, 'preds')) as LabelPrediction
    expect(prediction.classes).toEqual(classes)
    expect(prediction.labels.every((label) => classes.includes(label))).toBe(true)
  }
})

test('each probability belongs to its class: a model that knows nothing answers about the class frequencies', async () => {
  const codes = Int32Array.from({ length: 60 }, (_, i) => (i < 42 ? 2 : i < 57 ? 0 : 1))
  const y = {
    rowCount: 60,
    columns: [{ kind: 'string' as const, name: 'y', codes, levels: ['c', 'b', 'a'] }],
  }
  const contextDir = await fit({ y: { table: y }, options: { estimators: 8, softmaxTemperature: 1 } })
  const p = await probabilities(contextDir)
  const mean = [0, 1, 2].map((c) => p.filter((_, i) => i % 3 === c).reduce((a, b) => a + b) / 25)
  // a: 42 of 60 rows, b: 3, c: 15.
  expectClose(mean, [0.7, 0.05, 0.25], 0.1)
})

test('the same request is answered bit for bit the same, from memory or from disk', async () => {
  for (const task of ['classification', 'regression'] as const) {
    const contextDir = await fit({ task })
    const output = task === 'classification' ? 'probas' : 'full'
    const first = await predict(contextDir, output)
    const again = await predict(contextDir, output)
    const fresh = new Predictor(settings)
    const cold = await fresh.predict({ contextDir, x: { table: query }, output })
    await fresh.close()
    expect([first.cache, again.cache, cold.cache]).toEqual(['hit', 'hit', 'miss'])
    const { timingsMs: _, cache: __, ...answer } = first
    expect(again).toMatchObject(answer)
    expect(cold).toMatchObject(answer)
  }
})

test('fitting twice gives the same answers bit for bit', async () => {
  const [a, b] = [await fit(), await fit()]
  expect([...(await probabilities(a))]).toEqual([...(await probabilities(b))])
  const other = await fit({ options: { randomState: 1 } })
  expect([...(await probabilities(other))]).not.toEqual([...(await probabilities(a))])
})

test('a row alone gets the answer it gets in a batch, whatever the batch', async () => {
  const wide = makeTable(3000, 5).x
  const contextDir = await fit()
  const all = await probabilities(contextDir, { x: { table: wide } })
  for (const row of [0, 1, 1500, 2999]) {
    const alone = await probabilities(contextDir, { x: { table: takeRows(wide, [row]) } })
    expectClose(alone, all.subarray(row * 3, row * 3 + 3), 1e-5)
  }
  const regression = await fit({ task: 'regression' })
  const batch = (await predict(regression, 'full')) as FullPrediction
  const single = (await predict(regression, 'full', { x: { table: takeRows(query, [7]) } })) as FullPrediction
  const scale = 100
  expectClose(single.mean, [batch.mean[7]!], 1e-5 * scale)
  expectClose(
    single.quantiles.map((q) => q[0]!),
    batch.quantiles.map((q) => q[7]!),
    1e-5 * scale,
  )
  expect([...single.borders]).toEqual([...batch.borders])
  const buckets = batch.borders.length - 1
  expectClose(
    single.logits.map(Math.exp),
    batch.logits.subarray(7 * buckets, 8 * buckets).map(Math.exp),
    1e-4,
  )
})

test('the order of the training rows does not matter', async () => {
  const order = Random.fromSeed('order').permutation(60)
  const a = await fit()
  const b = await fit({ x: { table: takeRows(train.x, order) }, y: { table: takeRows(train.label, order) } })
  expectClose(await probabilities(b), await probabilities(a), 1e-5)
  const c = await main(await fit({ task: 'regression' }))
  const d = await main(
    await fit({
      task: 'regression',
      x: { table: takeRows(train.x, order) },
      y: { table: takeRows(train.number, order) },
    }),
  )
  expectClose(d.mean, c.mean, 1e-3)
  expectClose(d.median, c.median, 1e-3)
})

test('columns are matched by name, so their order in the query does not matter', async () => {
  const contextDir = await fit()
  const turned = { ...query, columns: [...query.columns].reverse() }
  expect([...(await probabilities(contextDir, { x: { table: turned } }))]).toEqual([
    ...(await probabilities(contextDir)),
  ])
})

test('temperature, averaging and balancing act at predict and win over the fit', async () => {
  const contextDir = await fit({ options: { softmaxTemperature: 2 } })
  const at = async (options: OutputOptions) => [...(await probabilities(contextDir, { options }))]
  const plain = await at({})
  expect(plain).toEqual(await at({ softmaxTemperature: 2 }))
  const sharp = await at({ softmaxTemperature: 0.2 })
  expect(Math.max(...sharp)).toBeGreaterThan(Math.max(...plain))
  expect(await at({ averageBeforeSoftmax: true })).not.toEqual(plain)
  const balanced = await at({ balanceProbabilities: true })
  for (let row = 0; row < 25; row++) {
    expect(balanced.slice(row * 3, row * 3 + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  }
  const info = await predict(contextDir, 'probas', { options: { balanceProbabilities: true } })
  expect(info.options).toMatchObject({ softmaxTemperature: 2, balanceProbabilities: true })
})

test('regression answers are consistent with each other', async () => {
  const contextDir = await fit({ task: 'regression' })
  const levels = [0, 0.05, 0.5, 0.95, 1]
  const full = (await predict(contextDir, 'full', { quantiles: levels })) as FullPrediction
  expect(full.levels).toEqual(levels)
  expect(full.quantiles).toHaveLength(5)
  const buckets = full.borders.length - 1
  for (let row = 0; row < 25; row++) {
    for (let i = 1; i < 5; i++)
      expect(full.quantiles[i]![row]!).toBeGreaterThanOrEqual(full.quantiles[i - 1]![row]!)
    expect(full.quantiles[2]![row]).toBe(full.median[row])
    let total = 0
    let mean = 0
    for (let i = 0; i < buckets; i++) {
      const mass = Math.exp(full.logits[row * buckets + i]!)
      total += mass
      mean += (mass * (full.borders[i]! + full.borders[i + 1]!)) / 2
    }
    expect(total).toBeCloseTo(1, 9)
    expect(Math.abs(mean - full.mean[row]!)).toBeLessThan(10)
  }
  for (const output of ['mean', 'median', 'mode'] as const) {
    expect((await predict(contextDir, output, { quantiles: levels })) as object).toMatchObject({
      values: full[output],
    })
  }
  const quantiles = await predict(contextDir, 'quantiles', { quantiles: levels })
  expect(quantiles).toMatchObject({ levels, quantiles: full.quantiles })
})

test('a skewed target is transformed in half of the members and comes back in its own unit', async () => {
  const contextDir = await fit({ task: 'regression' })
  const state = JSON.parse(readFileSync(join(contextDir, 'context.json'), 'utf8')).state.context
  expect(state.members.filter((m: { targetTransform: unknown }) => m.targetTransform !== null)).toHaveLength(
    2,
  )
  const y = train.number.columns[0]!
  const { mean } = await main(contextDir)
  const values = y.kind === 'number' ? [...y.values] : []
  for (const value of mean) {
    expect(value).toBeGreaterThan(Math.min(...values) - 500)
    expect(value).toBeLessThan(Math.max(...values) + 500)
  }
})

test('a higher temperature widens regression intervals and leaves the mean', async () => {
  const contextDir = await fit({ task: 'regression' })
  const one = await main(contextDir)
  const four = await main(contextDir, { options: { softmaxTemperature: 4 } })
  const width = (p: MainPrediction, row: number) => p.quantiles[8]![row]! - p.quantiles[0]![row]!
  for (let row = 0; row < 25; row++) {
    expect(width(four, row)).toBeGreaterThan(1.2 * width(one, row))
    expect(Math.abs(four.mean[row]! - one.mean[row]!)).toBeLessThan(0.1 * width(one, row))
  }
})

test('a constant regression target is answered with that constant everywhere', async () => {
  const constant = new Float64Array(60).fill(42.5)
  const y = {
    table: {
      rowCount: 60,
      columns: [{ kind: 'number' as const, name: 'y', values: constant, integer: false }],
    },
  }
  const contextDir = await fit({ task: 'regression', y })
  const full = (await predict(contextDir, 'full')) as FullPrediction
  for (const values of [full.mean, full.median, full.mode, ...full.quantiles]) {
    expect([...values]).toEqual(new Array(25).fill(42.5))
  }
  expect(full.borders).toHaveLength(2)
  expect([...full.logits]).toEqual(new Array(25).fill(0))
  expect(full.warnings.join()).toContain('never varies')
})

test('one estimator, one training row per class and one column are enough', async () => {
  const x = takeRows({ rowCount: 60, columns: [train.x.columns[0]!] }, [0, 1, 2])
  const contextDir = await fit({
    x: { table: x },
    y: { table: takeRows(train.label, [0, 1, 2]) },
    options: { estimators: 1 },
  })
  const p = await probabilities(contextDir, { x: { table: { rowCount: 25, columns: [query.columns[0]!] } } })
  expect(p).toHaveLength(75)
  expect(p.every(Number.isFinite)).toBe(true)
})

test('a table whose columns never vary is answered with what the model makes of nothing, and a warning', async () => {
  const flat = { kind: 'number' as const, name: 'a', values: new Float64Array(60).fill(1), integer: false }
  const empty = {
    kind: 'number' as const,
    name: 'b',
    values: new Float64Array(60).fill(Number.NaN),
    integer: false,
  }
  const contextDir = await fit({ x: { table: { rowCount: 60, columns: [flat, empty] } } })
  const queryColumns = [flat, empty].map((column) => ({ ...column, values: column.values.subarray(0, 4) }))
  const answer = (await predict(contextDir, 'probas', {
    x: { table: { rowCount: 4, columns: queryColumns } },
  })) as ProbabilityPrediction
  expect([...answer.probabilities.subarray(0, 3)]).toEqual([...answer.probabilities.subarray(3, 6)])
  expect(answer.warnings.join()).toContain("'b'")
})

test('infinities and unseen categories in a query give finite answers', async () => {
  const contextDir = await fit()
  const odd: Table = {
    rowCount: 2,
    columns: [
      {
        kind: 'number',
        name: 'a',
        values: Float64Array.of(Number.POSITIVE_INFINITY, -1e300),
        integer: false,
      },
      {
        kind: 'number',
        name: 'b',
        values: Float64Array.of(Number.NEGATIVE_INFINITY, Number.NaN),
        integer: false,
      },
      { kind: 'string', name: 'c', codes: Int32Array.of(0, -1), levels: ['ultraviolet'] },
      { kind: 'boolean', name: 'd', values: Uint8Array.of(255, 1) },
    ],
  }
  const p = await probabilities(contextDir, { x: { table: odd } })
  expect(p.every((value) => value > 0 && value < 1)).toBe(true)
})
