/** From what was measured to what is to be fitted: way of averaging, ensemble, temperature, and what time allows. */
import type { Metric, TargetState } from '@posterior/tabular'
import type { Blend } from '../context/blend.ts'
import { MAX_ESTIMATORS } from '../options.ts'
import { classTemperature, quantileTemperature } from './calibrate-temperature.ts'
import { blendKnots, blendValues, type HeldOutPrediction, readHeldOut } from './held-out.ts'
import { KEPT_QUANTILES } from './measure-fold.ts'
import { selectEnsemble } from './select-ensemble.ts'
import { membersOf } from './think.ts'
import type { CandidateSettings } from './thinking-job.ts'
import { lossOf } from './thinking-metric.ts'

/** A candidate that was measured on every fold. */
export interface MeasuredCandidate {
  readonly settings: CandidateSettings
  /** Of the slices' predictions, fold after fold. */
  readonly files: readonly string[]
  /** Of its slowest fit, and of its largest context. */
  readonly fitSeconds: number
  readonly contextBytes: number
}

export interface ChosenBlend {
  /** Heaviest first; the settings name the way of averaging. */
  readonly parts: readonly { readonly settings: CandidateSettings; readonly weight: number }[]
  readonly temperature: number
  /** By the metric; of the default settings in `baselineScore`. NaN when the metric has no value for these rows. */
  readonly score: number
  readonly baselineScore: number
}

export interface ChoiceInput {
  readonly metric: Metric
  readonly target: TargetState
  /** Of the held-out rows. */
  readonly truth: Int32Array | Float64Array
  /** The default first. */
  readonly measured: readonly MeasuredCandidate[]
  readonly isBalanced: boolean
  /** Whether the caller left the temperature to us. */
  readonly calibrates: boolean
  readonly isTimeUp: () => boolean
  /** Whether these candidates can be fitted on all rows in the time and memory that there is. */
  readonly isAffordable: (candidates: readonly MeasuredCandidate[]) => boolean
}

/** Additions of the greedy selection; weights are multiples of the inverse of how many were kept. */
const STEPS = 24

interface Part {
  readonly index: number
  readonly count: number
}

/** Choose by the held-out rows. The default alone unless something else is truly better and affordable. */
export async function chooseBlend(input: ChoiceInput): Promise<ChosenBlend> {
  const { metric, target, truth, measured } = input
  const point = pointFor(metric)
  const loss = lossOf(metric, target, truth, input.isBalanced)
  const predictions: HeldOutPrediction[] = []
  for (const { files, settings } of measured) {
    const ways = await readHeldOut(target, files, settings, point)
    predictions.push(bestWay(ways, loss))
  }
  // The default is compared as it was asked for, not with the better way of averaging.
  const [asked] = await readHeldOut(target, measured[0]!.files, measured[0]!.settings, point)
  const library = [asked!, ...predictions]
  const candidates = [measured[0]!, ...measured]
  const selection = selectEnsemble({
    candidates: library.map(({ values }) => values),
    loss,
    costs: candidates.map(({ settings }) => membersOf(settings)),
    maxCost: MAX_ESTIMATORS,
    maxSteps: STEPS,
    isTimeUp: input.isTimeUp,
  })
  const counted = selection.counts.map((count, index) => ({ index, count }))
  let parts = counted.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || a.index - b.index)
  while (parts.length > 1 && !input.isAffordable(parts.map(({ index }) => candidates[index]!))) parts.pop()
  if (!(loss(blendOf(parts, library)) < selection.baselineLoss)) parts = [{ index: 0, count: 1 }]
  const temperature = input.calibrates ? temperatureOf(parts, library, input, loss) : 1
  const sign = metric.isHigherBetter ? -1 : 1
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  return {
    parts: parts.map(({ index, count }) => ({
      settings: {
        ...candidates[index]!.settings,
        averageBeforeSoftmax: library[index]!.averageBeforeSoftmax,
      },
      weight: count / total,
    })),
    temperature,
    score: sign * loss(blendOf(parts, library), temperature),
    baselineScore: sign * selection.baselineLoss,
  }
}

/** The point of a distribution that the metric wants. */
export function pointFor(metric: Metric): Blend['point'] {
  return metric.kind === 'numbers' ? metric.point : 'mean'
}

/** The first of equals, which is the default way. */
function bestWay(
  ways: readonly HeldOutPrediction[],
  loss: (prediction: Float64Array) => number,
): HeldOutPrediction {
  let best = ways[0]!
  let least = loss(best.values)
  for (const way of ways.slice(1)) {
    const own = loss(way.values)
    if (own < least) {
      best = way
      least = own
    }
  }
  return best
}

function weightsOf(parts: readonly Part[]): number[] {
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  return parts.map(({ count }) => count / total)
}

function blendOf(parts: readonly Part[], library: readonly HeldOutPrediction[]): Float64Array {
  return blendValues(
    parts.map(({ index }) => library[index]!.values),
    weightsOf(parts),
  )
}

/** 1 unless another is better by log loss (regression: pinball loss) and no worse by the metric. */
function temperatureOf(
  parts: readonly Part[],
  library: readonly HeldOutPrediction[],
  { target, truth }: ChoiceInput,
  loss: (prediction: Float64Array, temperature?: number) => number,
): number {
  if (target.task === 'regression') {
    const knots = blendKnots(
      parts.map(({ index }) => library[index]!.knots),
      weightsOf(parts),
    )
    return quantileTemperature(truth as Float64Array, knots, KEPT_QUANTILES)
  }
  const blend = blendOf(parts, library)
  const found = classTemperature(truth as Int32Array, blend, target.classes.length)
  return loss(blend, found) > loss(blend) ? 1 : found
}
