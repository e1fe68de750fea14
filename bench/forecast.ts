/**
 * `node bench/forecast.ts`: train a brain on calendar-forecast by the default recipe, within a budget of processor time, and
 * compare its forecasts with seasonal-naive, drift and the mini model on held-out series of the prior and on public ones
 * (`bench/brains/series.json` says where they are from). The error is MASE: the mean absolute error over that of
 * repeating the last season within the history. Results go into bench/brains/forecast.json and docs/reference/brains.md.
 *
 *   node bench/forecast.ts --seconds 600
 *   node bench/forecast.ts --seconds 0          measure again what is in --out
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ForecastJob } from '@posterior/engine'
import { drawTasks } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { heldOutBatches } from '@posterior/training'
import { benchPredictor } from './brains/ask.ts'
import { writePage } from './brains/page.ts'
import { describeMachine, type ForecastResult, rounded } from './brains/results.ts'
import { trainBrain, trainingCost } from './brains/train-brain.ts'

const SLUG = 'calendar-forecast'
const MINI = { folder: fileURLToPath(new URL('../models/mini', import.meta.url)) }
const HORIZON = 12
/** Ends of the history of a public series, this many steps apart. */
const ORIGINS = 6
const MOST_HISTORY = 160

interface Case {
  readonly name: string
  readonly history: Float64Array
  readonly future: Float64Array
  readonly season: number | null
}

interface PublicSeries {
  readonly name: string
  readonly season: number | null
  readonly values: readonly number[]
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1200' },
    out: { type: 'string', default: 'runs/brains' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
})

const folder = join(values.out, SLUG)
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
const { seconds, seed, workers } = values
const isComplete = await trainBrain(SLUG, folder, {
  seconds: Number(seconds),
  seed: Number(seed),
  workers: Number(workers),
  signal: stop.signal,
})
if (isComplete) {
  const cases = [...syntheticCases(), ...publicCases()]
  const result = await compare(cases)
  const file = fileURLToPath(new URL('brains/forecast.json', import.meta.url))
  writeFileSync(file, `${JSON.stringify(result, (_, value) => rounded(value), 2)}\n`)
  console.log(JSON.stringify(result))
  writePage()
}

function syntheticCases(): Case[] {
  const prior = { kind: 'catalogue', id: SLUG, overrides: {} } as const
  return heldOutBatches(prior, { batches: 16, datasets: 4 }).flatMap(({ spec, seed: stream }) =>
    drawTasks(spec, Random.fromSeed(...stream)).map(({ y, train, columns }) => ({
      name: 'held out',
      history: y.slice(0, train),
      future: y.slice(train, train + HORIZON),
      // Without a season the columns that tell it are empty.
      season: columns[3]!.values.some((wave) => wave !== 0) ? Number(spec.source!.shape['season']) : null,
    })),
  )
}

function publicCases(): Case[] {
  const text = readFileSync(fileURLToPath(new URL('brains/series.json', import.meta.url)), 'utf8')
  return (JSON.parse(text) as PublicSeries[]).flatMap(({ name, season, values: series }) =>
    Array.from({ length: ORIGINS }, (_, k): Case => {
      const end = series.length - HORIZON * (k + 1)
      const history = Float64Array.from(series.slice(Math.max(0, end - MOST_HISTORY), end))
      return { name, season, history, future: Float64Array.from(series.slice(end, end + HORIZON)) }
    }).filter(({ history }) => history.length >= 2 * HORIZON),
  )
}

async function compare(cases: readonly Case[]): Promise<ForecastResult> {
  const predictor = benchPredictor()
  const brain = { folder: join(folder, 'model') }
  const byName = new Map<string, Record<string, number[]>>()
  try {
    for (const one of cases) {
      const { history, season, future, name } = one
      const job = { history, season, horizon: future.length, levels: [0.1, 0.5, 0.9] }
      const ask = (more: Pick<ForecastJob, 'model'> & Partial<ForecastJob>) =>
        predictor.forecast({ ...job, ...more })
      const own = await ask({ model: brain, layout: 'calendar' })
      const direct = await ask({ model: MINI, layout: 'calendar' })
      const rolled = await ask({ model: MINI, paths: 32 })
      const scores = {
        brain: maseOf(one, own.median),
        'mini, by calendar': maseOf(one, direct.median),
        'mini, by lags': maseOf(one, rolled.median),
        'seasonal naive': maseOf(one, seasonalNaive(one)),
        drift: maseOf(one, drift(one)),
        coverage80:
          future.filter((y, h) => y >= own.quantiles[0]![h]! && y <= own.quantiles[2]![h]!).length /
          future.length,
      }
      const known = byName.get(name) ?? {}
      for (const [key, score] of Object.entries(scores)) known[key] = [...(known[key] ?? []), score]
      byName.set(name, known)
    }
  } finally {
    await predictor.close()
  }
  const rows = [...byName].map(([name, scores]) => ({
    name,
    forecasts: scores['brain']!.length,
    scores: Object.fromEntries(Object.entries(scores).map(([key, all]) => [key, mean(all)])),
  }))
  return { ...(await trainingCost(folder)), horizon: HORIZON, rows, machine: describeMachine() }
}

/** Mean absolute error over that of repeating the last season (or value) one season ahead, within the history. */
function maseOf({ history, future, season }: Case, guess: ArrayLike<number>): number {
  const step = season ?? 1
  let scale = 0
  for (let t = step; t < history.length; t++) scale += Math.abs(history[t]! - history[t - step]!)
  scale /= history.length - step
  return mean([...future].map((y, h) => Math.abs(y - guess[h]!))) / scale
}

function seasonalNaive({ history, future, season }: Case): Float64Array {
  const step = season ?? 1
  return future.map((_, h) => history[history.length - step + (h % step)]!)
}

/** The straight line through the first and the last value. */
function drift({ history, future }: Case): Float64Array {
  const last = history.at(-1)!
  const slope = (last - history[0]!) / (history.length - 1)
  return future.map((_, h) => last + slope * (h + 1))
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}
