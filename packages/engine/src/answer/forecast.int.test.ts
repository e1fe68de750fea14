import { fileURLToPath } from 'node:url'
import { Predictor } from '@posterior/engine'
import { normaliseHistory, Random, writeLagRow } from '@posterior/tabular'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectClose, failureOf, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { ForecastJob, NumbersAnswer } from './answer-job.ts'

const model = { folder: fileURLToPath(new URL('../../../../models/nano', import.meta.url)) }

const { settings } = usePredictor()
let nano: Predictor

beforeAll(() => {
  nano = new Predictor({ ...settings, modelDirs: [] })
})
afterAll(() => nano.close())

const forecast = (job: Partial<ForecastJob> & Pick<ForecastJob, 'history'>) =>
  nano.forecast({ model, horizon: 12, levels: [0.05, 0.5, 0.95], paths: 32, ...job })

function seasonal(length: number, seed = 'seasonal', spread = 0.2): Float64Array {
  const random = Random.fromSeed(seed)
  return Float64Array.from(
    { length },
    (_, i) => 20 + 5 * Math.sin((2 * Math.PI * i) / 12) + spread * random.normal(),
  )
}

/** A walk whose spread after h steps is the square root of h. */
function walk(length: number, seed = 0): Float64Array {
  const random = Random.fromSeed('walk', seed)
  let level = 0
  return Float64Array.from({ length }, () => {
    level += random.normal()
    return level
  })
}

const width = ({ quantiles }: NumbersAnswer, step: number) => quantiles[2]![step]! - quantiles[0]![step]!

it('continues a seasonal series better than its mean and than its last value', async () => {
  const series = seasonal(108)
  const answer = await forecast({ history: series.slice(0, 96) })
  expect(answer.season).toBe(12)
  expect(answer.lags).toBe(12)
  const truth = series.slice(96)
  const error = (guess: (step: number) => number) =>
    truth.reduce((sum, value, step) => sum + Math.abs(value - guess(step)), 0)
  const own = error((step) => answer.median[step]!)
  expect(own).toBeLessThan(0.5 * error(() => 20))
  expect(own).toBeLessThan(0.5 * error(() => series[95]!))
})

it('grows less certain with every step of a random walk', async () => {
  const answer = await forecast({ history: walk(150), season: null })
  expect(width(answer, 5)).toBeGreaterThan(1.3 * width(answer, 0))
  expect(width(answer, 11)).toBeGreaterThan(width(answer, 5))
})

it('holds most of what a random walk does in its intervals, also far ahead', async () => {
  let inside = 0
  for (let seed = 0; seed < 12; seed++) {
    const series = walk(112, seed)
    const { quantiles } = await forecast({ history: series.slice(0, 100) })
    for (let step = 8; step < 12; step++) {
      const value = series[100 + step]!
      if (value >= quantiles[0]![step]! && value <= quantiles[2]![step]!) inside++
    }
  }
  expect(inside / 48).toBeGreaterThan(0.6)
})

it('continues a straight line', async () => {
  const answer = await forecast({ history: Float64Array.from({ length: 40 }, (_, i) => 3 * i) })
  for (const [step, value] of answer.median.entries()) expect(value).toBeCloseTo(3 * (40 + step), 3)
})

it('answers the first step as the model answers the row of lags', async () => {
  const history = seasonal(60)
  const layout = { lags: 5, season: 12, length: 61 }
  const answer = await forecast({ history, horizon: 1, lags: 5, season: 12 })
  const { z, scale } = normaliseHistory(history)
  const steps = Array.from({ length: 55 }, (_, i) => i + 5)
  const rowsOf = (at: readonly number[]) => {
    const values = new Float64Array(at.length * 8)
    for (const [row, step] of at.entries()) writeLagRow(z, step, layout, values, row * 8)
    return { rows: at.length, columns: 8, values }
  }
  const direct = (await nano.answer({
    model,
    task: 'regression',
    x: rowsOf(steps),
    y: Float64Array.from(steps, (step) => z[step]!),
    query: rowsOf([60]),
    levels: [0.05, 0.5, 0.95],
  })) as NumbersAnswer
  const inUnit = (value: number) => scale.mean + scale.scale * value
  expectClose(answer.mean, direct.mean.map(inUnit), 1e-9)
  expectClose(
    answer.quantiles.flatMap((level) => [...level]),
    direct.quantiles.flatMap((level) => [...level.map(inUnit)]),
    1e-9,
  )
})

it('carries unit and origin of the series through, and draws the same futures for the same seed', async () => {
  const history = seasonal(60)
  const plain = await forecast({ history })
  const moved = await forecast({ history: history.map((y) => 1000 * y + 7) })
  expectClose(
    moved.mean.map((value) => (value - 7) / 1000),
    plain.mean,
    2e-2,
  )
  expect(await forecast({ history })).toMatchObject({ mean: plain.mean, quantiles: plain.quantiles })
  const other = await forecast({ history, options: { randomState: 5 } })
  expect([...other.mean]).not.toEqual([...plain.mean])
})

it('answers earlier steps the same however far it is asked to go, but for the share of the way', async () => {
  const history = walk(80)
  const far = await forecast({ history, horizon: 20, season: null })
  const near = await forecast({ history, horizon: 4, season: null })
  const spread = normaliseHistory(history).scale.scale
  expectClose(near.median, far.median.slice(0, 4), 0.25 * spread)
})

it('bridges gaps in the history, and answers a constant one with the constant', async () => {
  const history = seasonal(72).map((y, i) => (i % 9 === 4 ? Number.NaN : y))
  expect((await forecast({ history })).mean.every(Number.isFinite)).toBe(true)
  const constant = await forecast({ history: new Float64Array(30).fill(8) })
  expectClose(constant.mean, new Array(12).fill(8), 1e-9)
  expect(constant.warnings.join()).toMatch(/never varies/)
})

it('asks a model of the studio about the values themselves, from the first step on', async () => {
  const history = walk(60, 3)
  const layout = { lags: 4, season: 12, length: 61, beforeStart: 0 }
  const answer = await forecast({ history, horizon: 1, lags: 4, season: 12, layout: 'studio' })
  const { z, scale } = normaliseHistory(history)
  const rowsOf = (steps: readonly number[]) => {
    const values = new Float64Array(steps.length * 7)
    for (const [row, step] of steps.entries()) writeLagRow(z, step, layout, values, row * 7)
    return { rows: steps.length, columns: 7, values }
  }
  const x = rowsOf([...z.keys()])
  const direct = await nano.answer({ model, task: 'regression', x, y: z, query: rowsOf([60]) })
  expectClose(
    answer.mean,
    (direct as NumbersAnswer).mean.map((value) => scale.mean + scale.scale * value),
    1e-9,
  )
})

it('refuses a history that is too short, and options that make no sense', async () => {
  const code = async (job: Partial<ForecastJob>) =>
    (await failureOf(forecast({ history: walk(30), ...job }))).code
  expect(await code({ history: Float64Array.of(1, 2, Number.NaN, 3) })).toBe('no_rows')
  for (const horizon of [0, 1.5, 1001]) expect(await code({ horizon })).toBe('invalid_options')
  expect(await code({ season: 1 })).toBe('invalid_options')
  expect(await code({ lags: 0 })).toBe('invalid_options')
  expect(await code({ paths: 100000 })).toBe('invalid_options')
})

it('answers each step by when it is, at once, and the same whatever else is asked', async () => {
  const history = seasonal(96)
  const far = await forecast({ history, layout: 'calendar', horizon: 24 })
  expect(far).toMatchObject({ season: 12, lags: 0 })
  expect(far.mean).toHaveLength(24)
  const near = await forecast({ history, layout: 'calendar', horizon: 2 })
  expectClose([...near.median], [...far.median.slice(0, 2)], 1e-4)
  const moved = await forecast({ history: history.map((y) => 1000 * y + 7), layout: 'calendar', horizon: 24 })
  expectClose(
    [...moved.median].map((y) => (y - 7) / 1000),
    [...far.median],
    1e-4,
  )
  const gap = history.map((y, step) => (step === 50 ? Number.NaN : y))
  expect((await forecast({ history: gap, layout: 'calendar', horizon: 1 })).median).toHaveLength(1)
})
