/**
 * Series as they come from businesses and measurements: a trend that may bend, a season of any form, shifts of the level,
 * noise that remembers. Rows say when (TabPFN-TS, Hoo et al. 2025), so a brain forecasts many steps at once.
 */

import { CALENDAR_COLUMNS, type Random } from '@posterior/tabular'
import { packCalendar } from '../pack/calendar.ts'
import { definePrior, matrix, tensorOf, vector } from '../studio-prior.ts'
import { output, rowCount } from './declarations.ts'

const LEAST_HISTORY = 16

/** A straight line that in half of the series bends once. */
function drawTrend(length: number, scale: number, random: Random): Float64Array {
  const slope = (scale * random.normal()) / length
  const bend = random.bool() ? random.int(1, length) : length
  const change = (scale * random.normal()) / length
  return new Float64Array(length).map((_, t) => slope * t + change * Math.max(0, t - bend))
}

/** Waves of one to `waves` per season with falling strength, standard deviation `scale`. */
function drawSeason(
  length: number,
  { season, waves, scale }: { season: number; waves: number; scale: number },
  random: Random,
): Float64Array {
  const most = Math.min(waves, Math.max(1, Math.floor(season / 2)))
  const parts = Array.from({ length: most }, (_, k) => {
    const strength = random.normal() / (k + 1)
    return { wave: k + 1, strength, angle: random.uniform(0, 2 * Math.PI) }
  })
  const size = Math.sqrt(parts.reduce((sum, { strength }) => sum + strength ** 2 / 2, 1e-12))
  return new Float64Array(length).map((_, t) => {
    const phase = (2 * Math.PI * (t % season)) / season
    const value = parts.reduce((sum, p) => sum + p.strength * Math.sin(p.wave * phase + p.angle), 0)
    return (scale * value) / size
  })
}

/** A level that jumps at each step with probability `rate` / length. */
function drawShifts(
  length: number,
  { rate, scale }: { rate: number; scale: number },
  random: Random,
): Float64Array {
  let level = 0
  return new Float64Array(length).map(() => {
    if (random.bool(Math.min(1, rate / length))) level += scale * random.normal()
    return level
  })
}

/** A first-order autoregression of standard deviation `scale` in the long run. */
function drawNoise(length: number, memory: number, scale: number, random: Random): Float64Array {
  const fresh = scale * Math.sqrt(Math.max(1e-6, 1 - memory * memory))
  let value = scale * random.normal()
  return new Float64Array(length).map(() => {
    value = memory * value + fresh * random.normal()
    return value
  })
}

/** Trend, season, shifts and noise. */
export const calendarForecast = definePrior({
  id: 'calendar_forecast',
  slug: 'calendar-forecast',
  name: 'Calendar Forecast',
  version: '1.0.0',
  kind: 'temporal',
  category: 'time_series',
  task: 'forecast',
  inputs: 'calendar',
  description:
    'Trend, season, shifts of the level and noise that remembers; what are the next steps, all at once?',
  parameters: {
    num_points: rowCount(160, [60, 240]),
    season: {
      type: 'int',
      range: [4, 24],
      limits: [2, 1000],
      default: 12,
      description: 'Steps of one season, which the columns tell.',
      isShape: true,
    },
    season_chance: {
      type: 'float',
      limits: [0, 1],
      default: 0.75,
      description: 'Probability that a series has a season at all.',
    },
    season_waves: {
      type: 'int',
      range: [1, 6],
      limits: [1, 24],
      default: 3,
      description: 'Most waves that make up a season.',
    },
    season_scale: {
      type: 'float',
      range: [0.2, 2],
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of the season.',
    },
    trend_scale: {
      type: 'float',
      range: [0, 3],
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of the change by the trend over the whole series.',
    },
    shift_rate: {
      type: 'float',
      range: [0, 1.5],
      limits: [0, 1000],
      default: 0.5,
      description: 'Shifts of the level to expect in a series.',
    },
    shift_scale: {
      type: 'float',
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of a shift.',
    },
    noise_scale: {
      type: 'float',
      range: [0.05, 0.7],
      limits: [0, 1e6],
      default: 0.3,
      description: 'Standard deviation of the noise in the long run.',
    },
    memory: {
      type: 'float',
      range: [0, 0.95],
      limits: [0, 0.999],
      default: 0.5,
      description: 'How much of the noise is left in the next step.',
    },
    growth_chance: {
      type: 'float',
      limits: [0, 1],
      default: 0.25,
      description:
        'Probability that all parts multiply instead of adding up, so that the season grows with the level.',
    },
  },
  outputs: [
    output('t', 'tensor', '(num_points, 1)', 'Steps.'),
    output('y', 'tensor', '(num_points)', 'Values.'),
    output('X', 'tensor', '(num_points, 1)', 'The values again, as one column.'),
    output('level_true', 'tensor', '(num_points)', 'Trend and shifts.'),
    output('season_true', 'tensor', '(num_points)', 'Season.'),
  ],
  sample(p, random) {
    const length = p.num_points
    const trend = drawTrend(length, p.trend_scale, random)
    const shifts = drawShifts(length, { rate: p.shift_rate, scale: p.shift_scale }, random)
    const level = trend.map((value, t) => value + shifts[t]!)
    const scale = random.bool(p.season_chance) ? p.season_scale : 0
    const season = drawSeason(length, { season: p.season, waves: p.season_waves, scale }, random)
    const noise = drawNoise(length, p.memory, p.noise_scale, random)
    const sum = level.map((value, t) => value + season[t]! + noise[t]!)
    const multiplies = random.bool(p.growth_chance)
    const y = multiplies ? sum.map((value) => Math.exp(0.5 * Math.max(-20, Math.min(20, value)))) : sum
    const t = new Float64Array(length).map((_, i) => i)
    return {
      t: matrix(t, 1),
      y: vector(y),
      X: matrix(y.slice(), 1),
      level_true: vector(level),
      season_true: vector(season),
    }
  },
  // No horizon is longer than its history.
  layout: (p) => ({
    rows: p.num_points,
    features: CALENDAR_COLUMNS.length,
    classes: 0,
    leastContext: Math.max(LEAST_HISTORY, Math.ceil(p.num_points / 2)),
  }),
  // Callers of a series without a season tell none, or one that is not there.
  pack(sample, { train, test, parameters, random }) {
    const hasSeason = tensorOf(sample, 'season_true').data.some((value) => value !== 0)
    const season = hasSeason || random.bool() ? parameters.season : null
    return packCalendar(tensorOf(sample, 'y').data, { train, test, season })
  },
})
