/** Each oracle against another way to the same answer: brute force over the prior, numeric integrals, dense matrices. */
import { normalQuantile, Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { requirePrior } from '../catalogue/catalogue.ts'
import { drawTasks, planCatalogueBatch } from '../catalogue/catalogue-batch.ts'
import { rangeOf } from '../catalogue/parameters.ts'
import type { InContextTask, Overrides } from '../catalogue/studio-prior.ts'
import { choleskyFactor, logDeterminant, solveCholesky } from '../linear-algebra/cholesky.ts'
import { logClusterDensity } from './clusters.ts'
import { logGamma, nextFlip } from './coin.ts'
import { logNormalDistribution, midpoints, ORACLE_LEVELS, writeMixtureQuantiles } from './gaussian-mixture.ts'
import { gpPosterior } from './gaussian-process.ts'
import { partialPooling } from './groups.ts'
import { ar2Oracle, lineOracle, logScaleMixture } from './line.ts'
import { laplaceLogistic, laplaceProbability } from './logistic.ts'
import type { Oracle } from './oracle.ts'
import { findOracle, ORACLES, oracleLoss } from './oracle-loss.ts'

function tasksOf(id: string, overrides: Overrides, seed: number, datasets = 4): InContextTask[] {
  const budget = { cells: 1e9, maxDatasets: datasets }
  const spec = planCatalogueBatch(id, overrides, budget, Random.fromSeed('oracle plan', seed))
  return drawTasks(spec, Random.fromSeed('oracle data', seed))
}

function quantilesOf(oracle: Oracle, task: InContextTask, overrides: Overrides = {}): Float64Array {
  const prior = requirePrior(oracle.priorId)
  return oracle.answer(task, (name) => rangeOf(prior, overrides, name))
}

test('quantiles of one normal are those of the table, and of two apart those of each half', () => {
  const out = new Float64Array(255)
  writeMixtureQuantiles({ weights: [1], means: [3], deviations: [2] }, out)
  for (const [k, level] of ORACLE_LEVELS.entries())
    expect(out[k]).toBeCloseTo(3 + 2 * normalQuantile(level), 2)
  writeMixtureQuantiles({ weights: [0.5, 0.5], means: [-10, 10], deviations: [1, 1] }, out)
  expect(out[63]).toBeCloseTo(-10 + normalQuantile(2 * ORACLE_LEVELS[63]!), 1)
  expect(out[191]).toBeCloseTo(10 + normalQuantile(2 * ORACLE_LEVELS[191]! - 1), 1)
})

test('the far tail of the normal distribution has its logarithm', () => {
  expect(logNormalDistribution(-6)).toBeCloseTo(Math.log(9.865876e-10), 3)
  expect(logNormalDistribution(-20)).toBeCloseTo(-203.917155, 3)
})

test('a Cholesky factor solves and has the determinant', () => {
  const a = Float64Array.of(4, 2, 0.6, 2, 5, 1, 0.6, 1, 3)
  const factor = choleskyFactor(a, 3)
  const v = solveCholesky(factor, [1, 2, 3])
  for (let i = 0; i < 3; i++)
    expect(a[3 * i]! * v[0]! + a[3 * i + 1]! * v[1]! + a[3 * i + 2]! * v[2]!).toBeCloseTo(i + 1, 12)
  expect(logDeterminant(factor, 3)).toBeCloseTo(Math.log(4 * (15 - 1) - 2 * (6 - 0.6) + 0.6 * (2 - 3)), 12)
  expect(() => choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive definite at row 1')
})

describe('against draws of the prior weighted by their likelihood', () => {
  /** Mean and standard deviation of the predictive at each row to predict. */
  function byImportance(
    draw: (random: Random) => { logLikelihood: number; sigma: number; at: (row: number) => number },
    rows: number[],
  ): { mean: number; deviation: number }[] {
    const random = Random.fromSeed('importance')
    const draws = Array.from({ length: 150_000 }, () => draw(random))
    const most = Math.max(...draws.map(({ logLikelihood }) => logLikelihood).slice(0, 50_000))
    const weights = draws.map(({ logLikelihood }) => Math.exp(logLikelihood - most))
    const total = weights.reduce((sum, w) => sum + w, 0)
    return rows.map((row) => {
      let [mean, square] = [0, 0]
      draws.forEach(({ at, sigma }, k) => {
        if (weights[k]! < 1e-12 * total) return
        mean += (weights[k]! / total) * at(row)
        square += (weights[k]! / total) * (at(row) ** 2 + sigma ** 2)
      })
      return { mean, deviation: Math.sqrt(square - mean * mean) }
    })
  }

  function momentsOf(quantiles: Float64Array, i: number): { mean: number; deviation: number } {
    const row = quantiles.subarray(i * 255, (i + 1) * 255)
    const mean = row.reduce((sum, q) => sum + q, 0) / 255
    return { mean, deviation: Math.sqrt(row.reduce((sum, q) => sum + (q - mean) ** 2, 0) / 255) }
  }

  test('a line from five noisy points, where the prior matters', () => {
    const overrides = { num_points: 16, noise_scale: [0.3, 1] } as const
    const [task] = tasksOf('linear-regression', overrides, 1, 1)
    const short = { ...task!, train: 5, test: 11 }
    const [x, y] = [short.columns[0]!.values, short.y]
    const expected = byImportance(
      (random) => {
        const c = random.uniform(0.5, 2)
        const d = random.uniform(0, 1)
        const [a, b, sigma] = [random.uniform(-c, c), random.uniform(-d, d), random.uniform(0.3, 1)]
        let logLikelihood = -5 * Math.log(sigma)
        for (let i = 0; i < 5; i++) logLikelihood -= (y[i]! - a * x[i]! - b) ** 2 / (2 * sigma * sigma)
        return { logLikelihood, sigma, at: (row) => a * x[row]! + b }
      },
      [5, 6, 7],
    )
    const quantiles = quantilesOf(lineOracle, short, overrides)
    expected.forEach(({ mean, deviation }, i) => {
      const moments = momentsOf(quantiles, i)
      expect(Math.abs(moments.mean - mean)).toBeLessThan(0.03 * deviation)
      expect(moments.deviation / deviation).toBeGreaterThan(0.96)
      expect(moments.deviation / deviation).toBeLessThan(1.03)
    })
  })

  test('an autoregression of a short history, where the triangle matters', () => {
    const [task] = tasksOf('ar2-process', { num_points: 18 }, 3, 1)
    const { y, train } = task!
    const expected = byImportance(
      (random) => {
        let [p, q] = [0, 0]
        do [p, q] = [random.uniform(-1.5, 1.5), random.uniform(-1, 1)]
        while (!(p + q < 1 && q - p < 1))
        const sigma = random.uniform(0.1, 0.5)
        let logLikelihood = -(train - 2) * Math.log(sigma)
        for (let i = 2; i < train; i++)
          logLikelihood -= (y[i]! - p * y[i - 1]! - q * y[i - 2]!) ** 2 / (2 * sigma * sigma)
        return { logLikelihood, sigma, at: (row) => p * y[row - 1]! + q * y[row - 2]! }
      },
      [train, train + 1],
    )
    const quantiles = quantilesOf(ar2Oracle, task!)
    expected.forEach(({ mean, deviation }, i) => {
      const moments = momentsOf(quantiles, i)
      expect(Math.abs(moments.mean - mean)).toBeLessThan(0.05 * deviation)
      expect(moments.deviation / deviation).toBeCloseTo(1, 1)
    })
  })
})

test('a slope of random reach has the density of the mixture', () => {
  const density = logScaleMixture([0.5, 2])
  const nodes = midpoints([-2, 2], 4000)
  expect(nodes.reduce((sum, a) => sum + Math.exp(density(a)) / 1000, 0)).toBeCloseTo(1, 3)
  expect(density(2.01)).toBe(Number.NEGATIVE_INFINITY)
  expect(Math.exp(density(1))).toBeCloseTo(
    midpoints([1, 2], 2000).reduce((s, c) => s + 1 / (2 * c * 2000 * 1.5), 0),
    6,
  )
})

test('a Gaussian process of two points is the formula worked by hand', () => {
  const { means, variances, logEvidence } = gpPosterior([0, 1], [1, -0.5], [0.5], {
    length: 1,
    variance: 2,
    noise: 0.1,
  })
  const [diagonal, off, cross] = [2 + 0.01 + 1e-6, 2 * Math.exp(-0.5), 2 * Math.exp(-0.125)]
  const determinant = diagonal ** 2 - off ** 2
  // By symmetry both weights are cross / (diagonal + off).
  expect(means[0]).toBeCloseTo((cross * 0.5) / (diagonal + off), 9)
  expect(variances[0]).toBeCloseTo(2 + 1e-6 - (2 * cross ** 2) / (diagonal + off), 9)
  const fit = (diagonal * (1 + 0.25) - 2 * off * -0.5) / determinant
  expect(logEvidence).toBeCloseTo(-0.5 * (fit + Math.log(determinant) + 2 * Math.log(2 * Math.PI)), 9)
})

test('partial pooling is the Gaussian process with kernel 1 + t2 [same group] + noise', () => {
  const groups = [0, 0, 0, 1, 1, 2]
  const y = [1.2, 0.7, 1.4, -0.3, 0.1, 2]
  const [population, group] = [0.8, 0.5]
  const predict = partialPooling(groups, y, { population, group })
  const kernel = (a: number, b: number) => 1 + (a === b ? population ** 2 : 0)
  const covariance = Float64Array.from({ length: 36 }, (_, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6]
    return kernel(groups[i]!, groups[j]!) + (i === j ? group ** 2 : 0)
  })
  const factor = choleskyFactor(covariance, 6)
  for (const wanted of [0, 1, 2, 9]) {
    const cross = groups.map((g) => kernel(g, wanted))
    const solved = solveCholesky(factor, cross)
    const { mean, variance } = predict(wanted)
    expect(mean).toBeCloseTo(
      solved.reduce((sum, w, i) => sum + w * y[i]!, 0),
      9,
    )
    const reduction = solved.reduce((sum, w, i) => sum + w * cross[i]!, 0)
    expect(variance).toBeCloseTo(kernel(wanted, wanted) + group ** 2 - reduction, 9)
  }
  expect(predict(undefined)).toEqual(predict(9))
})

test('the next flip is the integral over the bias, over both namings of the sides', () => {
  expect(nextFlip([3, 5], 2, 2)).toBeCloseTo(7 / 12, 9)
  const p = midpoints([0, 1], 20_000)
  const density = (q: number) => (q ** 3 * (1 - q) + q * (1 - q) ** 3) * q ** 2 * (1 - q) ** 4
  const evidence = p.reduce((sum, q) => sum + density(q), 0)
  const expected = p.reduce((sum, q) => sum + q * density(q), 0) / evidence
  expect(nextFlip([4, 2], 4, 2)).toBeCloseTo(expected, 6)
  expect(Math.exp(logGamma(5.5))).toBeCloseTo(52.34277778, 6)
})

test('a cluster density is the integral over the mean in the box', () => {
  const [spread, box] = [0.8, 1.2]
  const values = [1.4, 0.6, 1.9]
  const average = values.reduce((sum, v) => sum + v, 0) / 3
  const normal = (x: number, mean: number) =>
    Math.exp(-((x - mean) ** 2) / (2 * spread ** 2)) / (spread * Math.sqrt(2 * Math.PI))
  const means = midpoints([-box, box], 20_000)
  const weights = means.map((m) => values.reduce((product, v) => product * normal(v, m), 1))
  const total = weights.reduce((sum, w) => sum + w, 0)
  for (const value of [-2, 0, 1.3, 4]) {
    const expected = means.reduce((sum, m, k) => sum + (weights[k]! / total) * normal(value, m), 0)
    expect(logClusterDensity(value, { count: 3, average }, { spread, box })).toBeCloseTo(
      Math.log(expected),
      3,
    )
  }
})

test('the Laplace approximation is near the integral over one weight', () => {
  const random = Random.fromSeed('laplace')
  const x = Array.from({ length: 40 }, () => random.fillNormal(new Float64Array(1)))
  const labels = x.map(([value]) => (random.bool(1 / (1 + Math.exp(-1.5 * value!))) ? 1 : 0))
  const fit = laplaceLogistic(x, labels, Float64Array.of(1))
  const weights = midpoints([-6, 6], 4000)
  const logs = weights.map((w) => {
    let sum = -0.5 * w * w
    for (const [i, [value]] of x.entries())
      sum -= Math.log1p(Math.exp((labels[i] === 1 ? -1 : 1) * w * value!))
    return sum
  })
  const density = logs.map((log) => Math.exp(log - Math.max(...logs)))
  const total = density.reduce((sum, w) => sum + w, 0)
  for (const value of [-1, 0.5, 2]) {
    const exact = weights.reduce((sum, w, k) => sum + density[k]! / (1 + Math.exp(-w * value)), 0) / total
    expect(laplaceProbability(fit, Float64Array.of(value))).toBeCloseTo(exact, 1.5)
  }
  const evidence = Math.max(...logs) + Math.log((total * 12) / 4000) - 0.5 * Math.log(2 * Math.PI)
  expect(fit.logEvidence).toBeCloseTo(evidence, 1)
})

describe.each(ORACLES.map(({ priorId }) => priorId))('the oracle of %s', (priorId) => {
  const oracle = findOracle(priorId)!
  const overrides: Overrides = priorId === 'gp_regression' ? { num_points: 40 } : {}
  const tasks = [1, 2, 3].flatMap((seed) => tasksOf(priorId, overrides, seed, 3))

  test('is found by id and slug and says how it answers', () => {
    expect(findOracle(requirePrior(priorId).slug)).toBe(oracle)
    expect(oracle.method.length).toBeGreaterThan(20)
  })

  test('beats the answer that ignores the features, and is finite', () => {
    const [own, marginal] = [0, 0]
    const losses = tasks.map((task) => [oracleLoss(oracle, task, overrides), ignorantLoss(task)] as const)
    const sum = losses.reduce(([a, b], [c, d]) => [a + c, b + d], [own, marginal] as [number, number])
    expect(sum.every(Number.isFinite)).toBe(true)
    expect(sum[0]).toBeLessThan(sum[1] * (priorId === 'coin_flip' ? 1.02 : 0.95))
  })

  test('is calibrated', () => {
    let [inside, rows] = [0, 0]
    let [claimed, right] = [0, 0]
    for (const task of tasks) {
      const answer = quantilesOf(oracle, task, overrides)
      for (let i = 0; i < task.test; i++, rows++) {
        const truth = task.y[task.train + i]!
        if (task.classes === 0) {
          if (truth > answer[i * 255 + 25]! && truth < answer[i * 255 + 229]!) inside += 1
          continue
        }
        const own = answer.subarray(i * task.classes, (i + 1) * task.classes)
        claimed += Math.max(...own)
        if (own.indexOf(Math.max(...own)) === truth) right += 1
      }
    }
    if (tasks[0]!.classes === 0) expect(inside / rows).toBeCloseTo(0.8, 0.9)
    else expect(right / rows).toBeCloseTo(claimed / rows, 0.9)
  })
})

/** Loss of the labelled rows' class frequencies, or their quantiles. */
function ignorantLoss(task: InContextTask): number {
  const { y, train, test, classes } = task
  if (classes > 0) {
    const counts = new Float64Array(classes).fill(0.5)
    for (let i = 0; i < train; i++) counts[y[i]!]! += 1
    return y.subarray(train).reduce((sum, c) => sum - Math.log(counts[c]! / (train + classes / 2)), 0) / test
  }
  const sorted = y.slice(0, train).sort()
  const oracle: Oracle = {
    priorId: 'linear_regression',
    strength: 'strong',
    method: '',
    answer: () => {
      const row = ORACLE_LEVELS.map((level) => sorted[Math.min(train - 1, Math.floor(level * train))]!)
      return Float64Array.from({ length: test * 255 }, (_, k) => row[k % 255]!)
    },
  }
  return oracleLoss(oracle, task, {})
}
