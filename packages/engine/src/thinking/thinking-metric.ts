/** The metric of a thinking fit, and predictions as the arrays that are blended and scored by it. */
import { findMetric, type Metric, metricNames, type Problem, type TargetState } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import { shapeProbabilities } from '../output/class-blend.ts'
import { balanceFrequencies } from '../predictor/class-answer.ts'

/** Proper scores that reward calibrated answers; used when the caller names no metric. */
const DEFAULT_METRIC: Readonly<Record<Problem, string>> = {
  binary: 'log_loss',
  multiclass: 'log_loss',
  regression: 'root_mean_squared_error',
}

/** What kind of problem a target is. */
export function problemOf(target: TargetState): Problem {
  if (target.task === 'regression') return 'regression'
  return target.classes.length === 2 ? 'binary' : 'multiclass'
}

/**
 * The metric of that name for this target.
 *
 * @throws EngineError invalid_options for an unknown name, or one of another problem
 */
export function thinkingMetric(name: string | undefined, target: TargetState): Metric {
  const problem = problemOf(target)
  const metric = findMetric(name ?? DEFAULT_METRIC[problem])
  if (metric?.problems.includes(problem)) return metric
  const what = {
    binary: 'a target of two classes',
    multiclass: `a target of ${target.task === 'classification' ? target.classes.length : 0} classes`,
    regression: 'regression',
  }[problem]
  throw new EngineError(
    'invalid_options',
    `The thinking metric must be one for ${what}: ${metricNames(problem).join(', ')}; got ${String(name)}.`,
    { details: { option: 'thinkingMetric' } },
  )
}

/** Loss by the metric, lower is better, of blended predictions for rows with this truth. */
export function lossOf(
  metric: Metric,
  target: TargetState,
  truth: Int32Array | Float64Array,
  isBalanced: boolean,
): (prediction: Float64Array, temperature?: number) => number {
  const sign = metric.isHigherBetter ? -1 : 1
  if (metric.kind === 'numbers') return (prediction) => sign * metric.score(truth, prediction)
  if (target.task !== 'classification') throw new Error('A metric of classes needs a target of classes.')
  const classes = target.classes.length
  const balanceBy = isBalanced ? balanceFrequencies(target) : null
  return (prediction, temperature = 1) => {
    let shaped = prediction
    if (temperature !== 1 || balanceBy) {
      shaped = prediction.slice()
      shapeProbabilities(shaped, classes, { temperature, balanceBy })
    }
    return sign * metric.score(truth, shaped, classes)
  }
}
