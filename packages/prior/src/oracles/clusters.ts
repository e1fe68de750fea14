/** Round Gaussian clusters with uncertain means that are uniform in a box. */

import { logNormalDistribution, normaliseLogs } from './gaussian-mixture.ts'
import type { Oracle } from './oracle.ts'

/**
 * ln density of a new value of a cluster in one column, given `count` values with this average.
 *
 * The mean's posterior is normal around the average, cut to the box, so the predictive is a wider normal times the share
 * of the box's posterior after over that before the new value.
 */
export function logClusterDensity(
  value: number,
  { count, average }: { count: number; average: number },
  { spread, box }: { spread: number; box: number },
): number {
  const variance = spread ** 2 * (1 + 1 / count)
  const log = -0.5 * (Math.log(2 * Math.PI * variance) + (value - average) ** 2 / variance)
  const after = (average * count + value) / (count + 1)
  return (
    log +
    logBoxShare(after, spread / Math.sqrt(count + 1), box) -
    logBoxShare(average, spread / Math.sqrt(count), box)
  )
}

/** ln of the part of a normal that lies within ±box. */
function logBoxShare(mean: number, deviation: number, box: number): number {
  // By symmetry the mean is taken on the side where the nearer edge decides.
  const centre = Math.abs(mean)
  const near = logNormalDistribution((box - centre) / deviation)
  const far = logNormalDistribution((-box - centre) / deviation)
  return near + Math.log1p(-Math.exp(Math.min(-1e-12, far - near)))
}

export const clustersOracle: Oracle = {
  priorId: 'gaussian_mixture_cls',
  strength: 'exact',
  method:
    'Posterior predictive density of each cluster with its mean uniform in the box, equal classes; the exact number of ' +
    'rows that a class has left is not used (spread and box at the middle of their ranges).',
  answer({ columns, y, train, test, classes }, rangeOf) {
    const middle = (name: string) => (rangeOf(name)[0] + rangeOf(name)[1]) / 2
    const shape = { spread: middle('cluster_std'), box: middle('separation') }
    const counts = new Float64Array(classes)
    for (let i = 0; i < train; i++) counts[y[i]!]! += 1
    const averages = columns.map(({ values }) => {
      const sums = new Float64Array(classes)
      for (let i = 0; i < train; i++) sums[y[i]!]! += values[i]!
      return sums.map((sum, c) => sum / counts[c]!)
    })
    const out = new Float64Array(test * classes)
    const logs = new Float64Array(classes)
    for (let i = 0; i < test; i++) {
      logs.fill(0)
      for (const [j, { values }] of columns.entries()) {
        for (let c = 0; c < classes; c++) {
          const cluster = { count: counts[c]!, average: averages[j]![c]! }
          logs[c]! += logClusterDensity(values[train + i]!, cluster, shape)
        }
      }
      out.set(normaliseLogs(logs), i * classes)
    }
    return out
  },
}
