/** Time series: sine waves, second-order autoregressions, seasons with a trend. All are asked for one step ahead. */

import { packSeries, SERIES_EXTRA_COLUMNS } from '../pack/series.ts'
import {
  definePrior,
  matrix,
  type PackOptions,
  scalar,
  type Tensor,
  tensorOf,
  vector,
} from '../studio-prior.ts'
import { noiseScale, output, rowCount, seriesParameters } from './declarations.ts'

const LEAST_HISTORY = 16

interface SeriesValues {
  readonly num_points: number
  readonly num_lags: number
  readonly season: number
}

function layout({ num_points: rows, num_lags: lags }: SeriesValues) {
  return { rows, features: lags + SERIES_EXTRA_COLUMNS, classes: 0, leastContext: LEAST_HISTORY }
}

function pack(sample: Record<string, Tensor>, { train, test, parameters }: PackOptions<SeriesValues>) {
  const { num_lags: lags, season } = parameters
  return packSeries(tensorOf(sample, 'y').data, { train, test, layout: { lags, season } })
}

const SERIES_OUTPUTS = [
  output('t', 'tensor', '(num_points, 1)', 'Times.'),
  output('y', 'tensor', '(num_points)', 'Values.'),
  output('X', 'tensor', '(num_points, 1)', 'The values again, as one column.'),
]

function series(t: Float64Array, y: Float64Array): Record<string, Tensor> {
  return { t: matrix(t, 1), y: vector(y), X: matrix(y.slice(), 1) }
}

/** One sine wave with noise. */
export const sineWave = definePrior({
  id: 'sine_wave',
  slug: 'sine-wave',
  name: 'Sine Wave',
  version: '1.0.0',
  kind: 'temporal',
  category: 'time_series',
  task: 'forecast',
  inputs: 'series',
  description: 'A sine wave of random amplitude, frequency and phase, with noise.',
  parameters: {
    num_points: rowCount(100, [60, 200]),
    amplitude_max: {
      type: 'float',
      limits: [0.5, 1e6],
      default: 2,
      description: 'The amplitude is uniform from 0.5 to this.',
    },
    omega_range: {
      type: 'interval',
      limits: [0, 100],
      default: [0.5, 2],
      description: 'The angular frequency is uniform in here; a single number fixes it.',
    },
    noise_scale: noiseScale(0.1, [0.05, 0.3]),
    ...seriesParameters(8),
  },
  outputs: [
    ...SERIES_OUTPUTS,
    output('a_true', 'scalar', '()', 'Amplitude.'),
    output('omega_true', 'scalar', '()', 'Angular frequency.'),
    output('phi_true', 'scalar', '()', 'Phase.'),
  ],
  sample(p, random) {
    const a = random.uniform(0.5, p.amplitude_max)
    const omega = random.uniform(...p.omega_range)
    const phi = random.uniform(0, 2 * Math.PI)
    const t = new Float64Array(p.num_points).map((_, i) => (10 * i) / (p.num_points - 1))
    const y = t.map((time) => a * Math.sin(omega * time + phi) + p.noise_scale * random.normal())
    return { ...series(t, y), a_true: scalar(a), omega_true: scalar(omega), phi_true: scalar(phi) }
  },
  layout,
  pack,
})

/** A stationary autoregression of order two that starts at 0, 0. */
export const ar2Process = definePrior({
  id: 'ar2_process',
  slug: 'ar2-process',
  name: 'AR(2) Time Series',
  version: '1.0.0',
  kind: 'temporal',
  category: 'time_series',
  task: 'forecast',
  inputs: 'series',
  description: 'Each value is a mix of the two before it and noise, with stationary coefficients.',
  parameters: {
    num_points: rowCount(100, [80, 200]),
    noise_scale: { ...noiseScale(0.3, [0.1, 0.5]), limits: [1e-6, 1e6] },
    ...seriesParameters(4),
  },
  outputs: [
    ...SERIES_OUTPUTS,
    output('phi1_true', 'scalar', '()', 'Weight of the last value.'),
    output('phi2_true', 'scalar', '()', 'Weight of the value before the last.'),
  ],
  sample(p, random) {
    let phi1: number
    let phi2: number
    do {
      phi1 = random.uniform(-1.5, 1.5)
      phi2 = random.uniform(-1, 1)
    } while (!isStationary(phi1, phi2))
    const t = new Float64Array(p.num_points).map((_, i) => i)
    const y = new Float64Array(p.num_points)
    for (let i = 2; i < y.length; i++) {
      y[i] = phi1 * y[i - 1]! + phi2 * y[i - 2]! + p.noise_scale * random.normal()
    }
    return { ...series(t, y), phi1_true: scalar(phi1), phi2_true: scalar(phi2) }
  },
  layout,
  pack,
})

/** Whether an autoregression with these coefficients can come from the prior. */
export function isStationary(phi1: number, phi2: number): boolean {
  return Math.abs(phi1) <= 1.5 && Math.abs(phi2) < 1 && phi1 + phi2 < 1 && phi2 - phi1 < 1
}

/** A straight trend and one sine-shaped season. */
export const seasonalTrend = definePrior({
  id: 'seasonal_trend',
  slug: 'seasonal-trend',
  name: 'Seasonal + Trend',
  version: '1.0.0',
  kind: 'temporal',
  category: 'time_series',
  task: 'forecast',
  inputs: 'series',
  description: 'A straight trend and a season of random length and strength, with noise.',
  parameters: {
    num_points: rowCount(120, [80, 200]),
    noise_scale: noiseScale(0.2, [0.05, 0.4]),
    period_range: {
      type: 'interval',
      limits: [1, 10_000],
      default: [8, 30],
      description: 'The length of a season is uniform in here, in rows.',
    },
    trend_scale: {
      type: 'float',
      limits: [0, 1e6],
      default: 0.05,
      description: 'The slope per row is uniform from minus this to this.',
    },
    season_amp_range: {
      type: 'interval',
      limits: [0, 1e6],
      default: [0.5, 2],
      description: 'The amplitude of the season is uniform in here.',
    },
    ...seriesParameters(8),
  },
  outputs: [
    ...SERIES_OUTPUTS,
    output('slope_true', 'scalar', '()', 'Slope per row.'),
    output('period_true', 'scalar', '()', 'Rows of a season.'),
    output('amp_true', 'scalar', '()', 'Amplitude of the season.'),
  ],
  sample(p, random) {
    const slope = random.uniform(-p.trend_scale, p.trend_scale)
    const period = random.uniform(...p.period_range)
    const amplitude = random.uniform(...p.season_amp_range)
    const phase = random.uniform(0, 2 * Math.PI)
    const t = new Float64Array(p.num_points).map((_, i) => i)
    const y = t.map((time) => {
      const season = amplitude * Math.sin((2 * Math.PI * time) / period + phase)
      return slope * time + season + p.noise_scale * random.normal()
    })
    return {
      ...series(t, y),
      slope_true: scalar(slope),
      period_true: scalar(period),
      amp_true: scalar(amplitude),
    }
  },
  layout,
  pack,
})
