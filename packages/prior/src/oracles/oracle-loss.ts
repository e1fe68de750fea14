/** The oracles by prior, and their loss in the units of the trainer. */

import { requirePrior } from '../catalogue/catalogue.ts'
import { standardisedTargets, targetScale } from '../catalogue/catalogue-batch.ts'
import { rangeOf } from '../catalogue/parameters.ts'
import type { InContextTask, Overrides } from '../catalogue/studio-prior.ts'
import { clustersOracle } from './clusters.ts'
import { coinOracle } from './coin.ts'
import { ORACLE_LEVELS } from './gaussian-mixture.ts'
import { gpOracle } from './gaussian-process.ts'
import { groupsOracle } from './groups.ts'
import { ar2Oracle, lineOracle } from './line.ts'
import { logisticOracle } from './logistic.ts'
import type { Oracle } from './oracle.ts'

export const ORACLES: readonly Oracle[] = [
  lineOracle,
  gpOracle,
  clustersOracle,
  logisticOracle,
  ar2Oracle,
  groupsOracle,
  coinOracle,
]

/** The oracle of a catalogue prior, if it has one. @throws PriorError for an unknown prior */
export function findOracle(idOrSlug: string): Oracle | undefined {
  const { id } = requirePrior(idOrSlug)
  return ORACLES.find(({ priorId }) => priorId === id)
}

/**
 * Mean loss over the rows to predict, as the trainer measures it: cross-entropy in nats, or twice the mean pinball loss
 * over 255 levels in standard deviations of the labelled rows, the target clipped as for training.
 */
export function oracleLoss(oracle: Oracle, task: InContextTask, overrides: Overrides): number {
  const prior = requirePrior(oracle.priorId)
  const answer = oracle.answer(task, (name) => rangeOf(prior, overrides, name))
  return task.classes > 0 ? crossEntropy(task, answer) : quantileLoss(task, answer)
}

function crossEntropy({ y, train, test, classes }: InContextTask, probabilities: Float64Array): number {
  let sum = 0
  for (let i = 0; i < test; i++)
    sum -= Math.log(Math.max(1e-300, probabilities[i * classes + y[train + i]!]!))
  return sum / test
}

function quantileLoss(task: InContextTask, quantiles: Float64Array): number {
  const { center, scale } = targetScale(task)
  const truth = standardisedTargets(task).subarray(task.train)
  const levels = ORACLE_LEVELS.length
  let sum = 0
  for (let i = 0; i < task.test; i++) {
    for (let k = 0; k < levels; k++) {
      const difference = truth[i]! - (quantiles[i * levels + k]! - center) / scale
      sum += difference * (ORACLE_LEVELS[k]! - (difference < 0 ? 1 : 0))
    }
  }
  return (2 * sum) / (levels * task.test)
}
