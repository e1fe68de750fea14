/** Partial pooling: groups whose means come from one population, all variances known. */

import { groupsOf } from '../catalogue/pack/groups.ts'
import { ORACLE_LEVELS, writeMixtureQuantiles } from './gaussian-mixture.ts'
import type { Oracle } from './oracle.ts'

const LEVELS = ORACLE_LEVELS.length

export interface PoolingSpreads {
  /** Of the group means around the mean of all, which is standard normal itself. */
  readonly population: number
  /** Of the values around their group mean. */
  readonly group: number
}

/** Mean and variance of a new value of each group; `undefined` asks for a group that was not seen. */
export function partialPooling(
  groups: ArrayLike<number>,
  y: ArrayLike<number>,
  { population, group }: PoolingSpreads,
): (group: number | undefined) => { mean: number; variance: number } {
  const seen = new Map<number, { count: number; sum: number }>()
  for (let i = 0; i < y.length; i++) {
    const entry = seen.get(groups[i]!) ?? { count: 0, sum: 0 }
    seen.set(groups[i]!, { count: entry.count + 1, sum: entry.sum + y[i]! })
  }
  // Each group's average is normal around the mean of all; the mean of all has prior N(0, 1).
  let precision = 1
  let weighted = 0
  for (const { count, sum } of seen.values()) {
    const weight = 1 / (population ** 2 + group ** 2 / count)
    precision += weight
    weighted += (weight * sum) / count
  }
  const mean0 = weighted / precision
  const variance0 = 1 / precision
  return (wanted) => {
    const entry = wanted === undefined ? undefined : seen.get(wanted)
    if (!entry) return { mean: mean0, variance: variance0 + population ** 2 + group ** 2 }
    const { count, sum } = entry
    const trust = population ** 2 / (population ** 2 + group ** 2 / count)
    const mean = trust * (sum / count) + (1 - trust) * mean0
    const own = trust * (group ** 2 / count)
    return { mean, variance: own + (1 - trust) ** 2 * variance0 + group ** 2 }
  }
}

export const groupsOracle: Oracle = {
  priorId: 'hierarchical_normal',
  strength: 'exact',
  method:
    'The normal posterior predictive of partial pooling, in closed form (spreads at the middle of their ranges).',
  answer(task, rangeOf) {
    const groups = groupsOf(task)
    const { train, test } = task
    const middle = (name: string) => (rangeOf(name)[0] + rangeOf(name)[1]) / 2
    const predict = partialPooling(groups.subarray(0, train), task.y.subarray(0, train), {
      population: middle('population_std'),
      group: middle('group_std'),
    })
    const out = new Float64Array(test * LEVELS)
    for (let i = 0; i < test; i++) {
      const { mean, variance } = predict(groups[train + i])
      const mixture = { weights: [1], means: [mean], deviations: [Math.sqrt(variance)] }
      writeMixtureQuantiles(mixture, out.subarray(i * LEVELS, (i + 1) * LEVELS))
    }
    return out
  },
}
