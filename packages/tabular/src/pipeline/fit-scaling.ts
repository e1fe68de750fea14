/**
 * Scalings by the names of the TabPFN interface, fitted to the training values of one column. Where scikit-learn has the
 * transform, the values are scikit-learn's; what differs is said beside the function.
 */
import { clampInfinite } from '../preprocess/rank-knots.ts'
import { normalCdf } from './normal-cdf.ts'
import { bestBoxCox, bestYeoJohnson } from './power.ts'
import type { KnotScaling, Scaling } from './scaling.ts'

/** Factors of the kernel's bandwidth that have a name of their own. */
const KDI_ALPHAS = [
  '0.05',
  '0.1',
  '0.2',
  '0.25',
  '0.3',
  '0.4',
  '0.5',
  '0.6',
  '0.8',
  '1.0',
  '1.2',
  '1.5',
  '1.8',
  '2.0',
  '2.5',
  '3.0',
  '5.0',
] as const

/** Names of the scalings. */
export const SCALING_NAMES = [
  'none',
  'robust',
  'power',
  'safepower',
  'power_box',
  'safepower_box',
  'quantile_uni_coarse',
  'quantile_uni',
  'quantile_uni_fine',
  'quantile_uni_extrapolate',
  'quantile_norm_coarse',
  'quantile_norm',
  'quantile_norm_fine',
  'squashing_scaler_default',
  'squashing_scaler_max10',
  'kdi',
  'kdi_uni',
  'kdi_random_alpha',
  'kdi_random_alpha_uni',
  ...KDI_ALPHAS.flatMap((alpha) => [`kdi_alpha_${alpha}`, `kdi_alpha_${alpha}_uni`] as const),
  'adaptive',
  'norm_and_kdi',
  'per_feature',
] as const

export type ScalingName = (typeof SCALING_NAMES)[number]

/** What `per_feature` draws from. */
const DRAWN: readonly ScalingName[] = [
  'none',
  'robust',
  'safepower',
  'quantile_uni',
  'quantile_norm',
  'kdi_uni',
]

/** Most knots of one scaling, which bounds what a fit stores. */
const MAX_KNOTS = 1000
/** Kernel estimates are made of this many training quantiles at most, at this many places. */
const MAX_KERNELS = 1000
const KERNEL_PLACES = 257

/** Somewhere to draw from; `Random` is one. */
export interface Draws {
  int(low: number, high: number): number
}

/**
 * Fit a scaling.
 *
 * @param values  training values; NaN = missing, left out. ±Infinity counts as the largest double
 * @param draws   for the names that choose at random; 'kdi_random_alpha' and 'per_feature' alone draw
 * @returns one scaling, two for 'norm_and_kdi'; the identity when there is no value
 */
export function fitScaling(name: ScalingName, values: Float64Array, draws: Draws): Scaling[] {
  const sorted = values
    .filter((x) => !Number.isNaN(x))
    .map((x) => clampInfinite(x) + 0)
    .sort()
  if (sorted.length === 0) return name === 'norm_and_kdi' ? [IDENTITY, IDENTITY] : [IDENTITY]
  if (name === 'norm_and_kdi') {
    return [fitQuantiles(sorted, sorted.length / 10, 'normal'), fitKernel(sorted, 1, 'uniform')]
  }
  const isOfMoments = !/^(quantile|kdi)/.test(name)
  const finite = isOfMoments ? sorted.filter((x) => Math.abs(x) < Number.MAX_VALUE) : sorted
  return [finite.length === 0 ? IDENTITY : fitOne(name, finite, draws)]
}

const IDENTITY: Scaling = { kind: 'identity' }

function fitOne(name: ScalingName, sorted: Float64Array, draws: Draws): Scaling {
  const count = sorted.length
  switch (name) {
    case 'none':
      return IDENTITY
    case 'robust':
      return fitRobust(sorted)
    case 'power':
    case 'safepower':
      return fitPower(sorted)
    case 'power_box':
    case 'safepower_box':
      return fitBoxCox(sorted)
    case 'squashing_scaler_default':
      return fitSquashing(sorted, 3)
    case 'squashing_scaler_max10':
      return fitSquashing(sorted, 10)
    case 'adaptive':
      return fitOne(chooseByShape(sorted), sorted, draws)
    case 'per_feature':
      return fitOne(DRAWN[draws.int(0, DRAWN.length)]!, sorted, draws)
    case 'quantile_uni_extrapolate':
      return { ...fitQuantiles(sorted, count / 5, 'uniform'), extrapolate: 1 }
  }
  const output = name.includes('uni') ? 'uniform' : 'normal'
  if (name.startsWith('quantile')) {
    const share = name.endsWith('coarse') ? 10 : name.endsWith('fine') ? 1 : 5
    return fitQuantiles(sorted, count / share, output)
  }
  const named = /^kdi_alpha_([\d.]+)/.exec(name)?.[1]
  const drawn = name.startsWith('kdi_random') ? KDI_ALPHAS[draws.int(0, KDI_ALPHAS.length)] : undefined
  return fitKernel(sorted, Number(named ?? drawn ?? 1), output)
}

/** Median to 0, distance of the quartiles to that of a normal distribution. No distance: scale 1, as scikit-learn. */
function fitRobust(sorted: Float64Array): Scaling {
  const distance = quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)
  const scale = distance > 0 ? distance / NORMAL_QUARTILES : 1
  return { kind: 'linear', center: quantileOf(sorted, 0.5), scale, bound: null }
}

/** Distance of the quartiles of a standard normal distribution. */
const NORMAL_QUARTILES = 1.3489795003921634

/** Holzmüller et al. 2024: quartiles one apart, else the range two, then squashed to ±bound. */
function fitSquashing(sorted: Float64Array, bound: number): Scaling {
  const distance = quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)
  const range = sorted[sorted.length - 1]! - sorted[0]!
  return {
    kind: 'linear',
    center: quantileOf(sorted, 0.5),
    scale: distance > 0 ? distance : range / 2,
    bound,
  }
}

/** Powers from -8 to 8 of which the training values, twenty times over, stay in the range of doubles. */
function fitPower(sorted: Float64Array): Scaling {
  const finite = sorted.filter((x) => Math.abs(x) < 1e150)
  if (finite.length === 0 || finite[0] === finite[finite.length - 1]) return IDENTITY
  const reach = Math.max(Math.abs(finite[0]!), Math.abs(finite[finite.length - 1]!))
  const most = Math.min(8, 330 / Math.log1p(20 * reach))
  return { kind: 'yeo-johnson', lambda: bestYeoJohnson(finite, [2 - most, most]) }
}

/** The range brought to [0.1, 1], so that the values are positive whatever they were. */
function fitBoxCox(sorted: Float64Array): Scaling {
  const low = sorted[0]!
  const range = sorted[sorted.length - 1]! - low
  if (!(range > 0) || !Number.isFinite(range)) return IDENTITY
  const lambda = bestBoxCox(sorted.map((x) => 0.1 + (0.9 * (x - low)) / range))
  return { kind: 'box-cox', lambda, low, range }
}

/** `wanted` evenly spaced quantiles, at least 2 and at most 1,000 or one per value. */
function fitQuantiles(sorted: Float64Array, wanted: number, output: KnotScaling['output']): KnotScaling {
  const count = Math.max(2, Math.min(Math.floor(wanted), sorted.length, MAX_KNOTS))
  const levels = Array.from({ length: count }, (_, k) => k / (count - 1))
  return knotScaling(
    levels.map((level) => quantileOf(sorted, level)),
    levels,
    output,
  )
}

/**
 * Kernel density integral (McCarter 2023): the distribution function of a Gaussian kernel estimate with bandwidth
 * alpha × standard deviation, brought to 0 at the smallest and 1 at the largest value.
 */
function fitKernel(sorted: Float64Array, alpha: number, output: KnotScaling['output']): Scaling {
  const low = sorted[0]!
  const high = sorted[sorted.length - 1]!
  const deviation = standardDeviation(sorted)
  if (!(deviation > 0) || !Number.isFinite(deviation)) return fitQuantiles(sorted, KERNEL_PLACES, output)
  const kernels = thin(sorted, MAX_KERNELS)
  const bandwidth = alpha * deviation
  const mass = (x: number) => {
    let sum = 0
    for (const center of kernels) sum += normalCdf((x - center) / bandwidth)
    return sum / kernels.length
  }
  const places = thin(sorted, KERNEL_PLACES)
  for (let k = 0; k < places.length; k++)
    places[k] = (places[k]! + low + ((high - low) * k) / (places.length - 1)) / 2
  const first = mass(low)
  const whole = mass(high) - first
  if (!(whole > 0)) return fitQuantiles(sorted, KERNEL_PLACES, output)
  let previous = 0
  const levels = Array.from(places, (place) => {
    previous = Math.min(1, Math.max(previous, (mass(place) - first) / whole))
    return previous
  })
  levels[levels.length - 1] = 1
  return knotScaling(Array.from(places), levels, output)
}

/** Leave out the inner ones of equal knots: only the first and last level of a value matter. */
function knotScaling(values: number[], levels: number[], output: KnotScaling['output']): KnotScaling {
  const isInner = (k: number) => values[k] === values[k - 1] && values[k] === values[k + 1]
  const kept = values.map((_, k) => k).filter((k) => !isInner(k))
  return {
    kind: 'knots',
    values: kept.map((k) => values[k]!),
    levels: kept.map((k) => levels[k]!),
    output,
    extrapolate: 0,
  }
}

/**
 * The scaling that suits the shape of a column: none with fewer than ten distinct values; powers when the mean is far
 * above the median (Box-Cox from zero on, else Yeo-Johnson); none when its quartiles are nearly those of a normal
 * distribution; else normal quantiles.
 */
function chooseByShape(sorted: Float64Array): ScalingName {
  let distinct = 1
  for (let i = 1; i < sorted.length && distinct < 10; i++) if (sorted[i] !== sorted[i - 1]) distinct++
  if (distinct < 10) return 'none'
  const deviation = standardDeviation(sorted)
  const mean = sorted.reduce((sum, x) => sum + x / sorted.length, 0)
  const skew = (3 * (mean - quantileOf(sorted, 0.5))) / deviation
  if (skew > 1.1) return sorted[0]! >= 0 ? 'safepower_box' : 'safepower'
  const quartiles = quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)
  const ratio = quartiles / NORMAL_QUARTILES / deviation
  return Math.abs(skew) < 0.3 && ratio > 0.85 && ratio < 1.15 ? 'none' : 'quantile_norm_coarse'
}

/** Evenly spaced order statistics, both ends among them. */
function thin(sorted: Float64Array, count: number): Float64Array {
  if (sorted.length <= count) return sorted.slice()
  return Float64Array.from({ length: count }, (_, k) => quantileOf(sorted, k / (count - 1)))
}

function quantileOf(sorted: Float64Array, level: number): number {
  const position = level * (sorted.length - 1)
  const below = Math.floor(position)
  const share = position - below
  return sorted[below]! * (1 - share) + sorted[Math.min(sorted.length - 1, below + 1)]! * share
}

function standardDeviation(sorted: Float64Array): number {
  const mean = sorted.reduce((sum, x) => sum + x / sorted.length, 0)
  return Math.sqrt(sorted.reduce((sum, x) => sum + ((x - mean) / sorted.length) * (x - mean), 0))
}
