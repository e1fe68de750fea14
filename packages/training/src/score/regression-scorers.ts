/** Squared errors of the brain's means on held-out tasks, beside simple answers to the same rows. */
import type { NumbersAnswer } from '@posterior/engine'
import { findOracle, type InContextTask, ORACLE_LEVELS, rangeOf, targetScale } from '@posterior/prior'
import { mean } from '../run/evaluation.ts'
import { declarationOf } from '../run/single-prior.ts'
import { type AskedTask, askHeldOut, describeHeldOut, requireSingle } from './held-out-tasks.ts'
import { leastSquares } from './least-squares.ts'
import { EvalSkipped, remembered, type Scorer, type ScoringContext } from './score.ts'

const UNIT = 'squared error over the variance of the labelled targets, mean over rows and tasks'
const MEAN_SOURCE = 'the mean of the labelled targets as the answer to every row of the same tasks'

export interface AskedNumbers {
  readonly task: InContextTask
  readonly answer: NumbersAnswer
}

/** The brain's answers. @throws EvalSkipped for a prior of classes */
export async function askNumbers(context: ScoringContext): Promise<AskedNumbers[]> {
  const { prior } = context
  if (requireSingle(prior) && declarationOf(requireSingle(prior)).task === 'classification') {
    throw new EvalSkipped('It measures numbers, and this brain answers classes.')
  }
  return (await askHeldOut(context)).map(numbersOf)
}

function numbersOf({ task, answer }: AskedTask): AskedNumbers {
  if (answer.task !== 'regression')
    throw new EvalSkipped('It measures numbers, and this brain answers classes.')
  return { task, answer }
}

/** Mean squared error of `predict` on the rows to predict, in variances of the labelled targets. */
function meanSquares(
  asked: readonly AskedNumbers[],
  predict: (each: AskedNumbers) => ArrayLike<number>,
): number {
  return mean(asked.map((each) => taskSquares(each.task, predict(each))))
}

function taskSquares(task: InContextTask, predicted: ArrayLike<number>): number {
  const { scale } = targetScale(task)
  let sum = 0
  for (let i = 0; i < task.test; i++) sum += ((task.y[task.train + i]! - predicted[i]!) / scale) ** 2
  return sum / task.test
}

const brainMeans = ({ answer }: AskedNumbers) => answer.mean
const labelledMean = ({ task }: AskedNumbers) => new Float64Array(task.test).fill(targetScale(task).center)

/** `synthetic_regression_mse`: the brain beside the mean of its context. */
export const regressionMse: Scorer = async (context) => {
  const asked = await askNumbers(context)
  const mse = meanSquares(asked, brainMeans)
  const baseline = meanSquares(asked, labelledMean)
  return {
    metrics: { mse, mean_baseline_mse: baseline, ratio_vs_mean: mse / baseline },
    meta: {
      ...describeHeldOut(context.prior, asked.length),
      sources: { mse: `means of the brain; ${UNIT}`, mean_baseline_mse: MEAN_SOURCE },
    },
  }
}

/** `in_context_regression_ols`: beside least squares on the same labelled rows. */
export const regressionOls: Scorer = async (context) => {
  const asked = await askNumbers(context)
  const mse = meanSquares(asked, brainMeans)
  const baseline = meanSquares(asked, labelledMean)
  const ols = await remembered(context.cache.run, 'ols', async () =>
    meanSquares(asked, ({ task }) =>
      leastSquares(
        task.columns.map(({ values }) => values),
        task.y,
        task.train,
      ),
    ),
  )
  return {
    metrics: {
      pfn_mse: mse,
      mean_baseline_mse: baseline,
      ols_mse: ols,
      ratio_vs_mean: mse / baseline,
      ratio_vs_ols: mse / ols,
    },
    meta: {
      ...describeHeldOut(context.prior, asked.length),
      sources: {
        pfn_mse: `means of the brain; ${UNIT}`,
        mean_baseline_mse: MEAN_SOURCE,
        ols_mse: 'least squares with an intercept on the labelled rows of the same tasks',
      },
    },
  }
}

/** `closed_form_baseline`: beside the mean of the posterior predictive, where it is known. */
export const closedForm: Scorer = async (context) => {
  const asked = await askNumbers(context)
  const prior = requireSingle(context.prior)
  const declaration = declarationOf(prior)
  const oracle = prior.kind === 'catalogue' ? findOracle(declaration.id) : undefined
  if (!oracle) {
    throw new EvalSkipped(`The posterior of ${declaration.slug} is not known in closed form on this server.`)
  }
  const posterior = await remembered(context.cache.run, 'posterior means', async () => {
    const means: Float64Array[] = []
    for (const { task } of asked) {
      await context.pause()
      means.push(
        meansOf(
          oracle.answer(task, (name) => rangeOf(declaration, prior.overrides, name)),
          task.test,
        ),
      )
    }
    return means
  })
  const rmse = Math.sqrt(meanSquares(asked, brainMeans))
  const best = Math.sqrt(mean(asked.map(({ task }, i) => taskSquares(task, posterior[i]!))))
  const apart = Math.sqrt(
    mean(
      asked.map(({ task, answer }, i) => distance(answer.mean, posterior[i]!) / targetScale(task).scale ** 2),
    ),
  )
  return {
    metrics: { rmse, posterior_rmse: best, ratio_vs_posterior: rmse / best, rmse_vs_posterior: apart },
    meta: {
      ...describeHeldOut(context.prior, asked.length),
      sources: {
        rmse: 'means of the brain against the targets with their noise, in standard deviations of the labelled targets',
        posterior_rmse: `${oracle.strength} oracle on the same tasks: ${oracle.method}`,
        rmse_vs_posterior: 'means of the brain against means of the oracle, in the same unit',
      },
    },
  }
}

/** Means of distributions given by equally likely quantiles. */
function meansOf(quantiles: Float64Array, rows: number): Float64Array {
  const levels = ORACLE_LEVELS.length
  return Float64Array.from({ length: rows }, (_, i) =>
    mean([...quantiles.subarray(i * levels, (i + 1) * levels)]),
  )
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum / a.length
}
