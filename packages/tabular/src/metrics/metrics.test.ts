import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { accuracy, logLoss } from './classification.ts'
import { crps, mae, pinball, r2, rmse } from './regression.ts'
import { rocAuc } from './roc-auc.ts'

describe('ROC AUC', () => {
  test('of two classes is the share of pairs in order, ties counted half', () => {
    const positive = [0.1, 0.4, 0.35, 0.8, 0.4]
    const labels = [0, 0, 1, 1, 1]
    const probabilities = positive.flatMap((p) => [1 - p, p])
    // Of six pairs: .35>.1, .35<.4, .8>.1, .8>.4, .4>.1, .4=.4: 4.5 of 6.
    expect(rocAuc(labels, probabilities, 2)).toBeCloseTo(4.5 / 6, 12)
  })

  test('of three classes averages the pairs in both directions (value from scikit-learn)', () => {
    const labels = [0, 1, 2, 0, 1, 2]
    const probabilities = [
      [0.6, 0.3, 0.1],
      [0.5, 0.4, 0.1],
      [0.1, 0.2, 0.7],
      [0.3, 0.4, 0.3],
      [0.2, 0.5, 0.3],
      [0.4, 0.4, 0.2],
    ].flat()
    // roc_auc_score(y, p, multi_class='ovo', average='macro')
    expect(rocAuc(labels, probabilities, 3)).toBeCloseTo(0.7916666666666666, 12)
  })

  test('of four unbalanced classes agrees with scikit-learn, as does the log loss', () => {
    const labels = [2, 0, 1, 3, 2, 2, 1, 0, 3, 1]
    const probabilities = [
      [0.43, 0.16, 0.28, 0.13],
      [0.02, 0.36, 0.53, 0.09],
      [0.02, 0.3, 0.33, 0.35],
      [0.04, 0.37, 0.24, 0.35],
      [0.32, 0.05, 0.27, 0.36],
      [0.67, 0.01, 0.04, 0.28],
      [0.16, 0.31, 0.52, 0.01],
      [0.37, 0.0, 0.44, 0.19],
      [0.11, 0.25, 0.46, 0.18],
      [0.13, 0.32, 0.44, 0.11],
    ].flat()
    expect(rocAuc(labels, probabilities, 4)).toBeCloseTo(0.46527777777777773, 12)
    expect(logLoss(labels, probabilities, 4)).toBeCloseTo(1.6986660721044715, 5)
  })

  test('neither the order of rows nor the names of classes matter', () => {
    const random = Random.fromSeed('auc properties')
    const rows = Array.from({ length: 120 }, () => {
      const weights = [random.uniform(), random.uniform(), random.uniform()]
      const total = weights[0]! + weights[1]! + weights[2]!
      return { label: random.int(0, 3), p: weights.map((weight) => weight / total) }
    })
    const auc = (list: typeof rows) =>
      rocAuc(
        list.map((row) => row.label),
        list.flatMap((row) => row.p),
        3,
      )
    expect(auc(random.shuffle([...rows]))).toBeCloseTo(auc(rows), 12)
    const renamed = rows.map(({ label, p }) => ({ label: (label + 1) % 3, p: [p[2]!, p[0]!, p[1]!] }))
    expect(auc(renamed)).toBeCloseTo(auc(rows), 12)
  })

  test('a constant score is worth one half, and turning scores round turns the area round', () => {
    expect(rocAuc([0, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], 2)).toBe(0.5)
    const labels = [0, 1, 0, 1, 1]
    const scores = [0.2, 0.9, 0.4, 0.3, 0.4]
    const auc = (sign: number) =>
      rocAuc(
        labels,
        scores.flatMap((score) => [0, sign * score]),
        2,
      )
    expect(auc(1) + auc(-1)).toBeCloseTo(1, 12)
  })

  test('is taken over the classes that occur', () => {
    const probabilities = [0.7, 0.2, 0.1, 0.2, 0.7, 0.1]
    expect(rocAuc([0, 1], probabilities, 3)).toBe(1)
    expect(rocAuc([0, 0], probabilities, 3)).toBeNaN()
    expect(rocAuc([0, -1], probabilities, 3)).toBeNaN()
  })

  test('does not change when the scores are mapped increasingly', () => {
    const random = Random.fromSeed('auc')
    const labels = Array.from({ length: 200 }, () => random.int(0, 2))
    const scores = labels.map((label) => random.normal() + label)
    const auc = rocAuc(
      labels,
      scores.flatMap((s) => [-s, s]),
      2,
    )
    expect(auc).toBeGreaterThan(0.6)
    expect(
      rocAuc(
        labels,
        scores.flatMap((s) => [-s, Math.exp(s)]),
        2,
      ),
    ).toBe(auc)
  })
})

describe('log loss and accuracy', () => {
  test('are the means over rows, worked by hand', () => {
    const probabilities = [0.8, 0.2, 0.3, 0.7]
    expect(logLoss([0, 0], probabilities, 2)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.3)) / 2, 12)
    expect(accuracy([0, 0], probabilities, 2)).toBe(0.5)
  })

  test('a probability of 0 costs -ln 1e-6, not infinity', () => {
    expect(logLoss([1], [1, 0], 2)).toBeCloseTo(-Math.log(1e-6 / (1 + 1e-6)), 10)
  })

  test('a label that is no class counts as wrong, and in the log loss not at all', () => {
    expect(accuracy([0, -1], [0.9, 0.1, 0.9, 0.1], 2)).toBe(0.5)
    expect(logLoss([0, -1], [0.9, 0.1, 0.9, 0.1], 2)).toBeCloseTo(-Math.log(0.9), 12)
  })

  test('arrays that do not fit are refused with their sizes', () => {
    expect(() => accuracy([0, 1], [1, 0], 2)).toThrow('need 4 probabilities, got 2')
  })
})

describe('scores of numbers', () => {
  const truth = [1, 2, 4]

  test('are right by hand', () => {
    expect(rmse(truth, [1, 3, 2])).toBeCloseTo(Math.sqrt(5 / 3), 12)
    expect(mae(truth, [1, 3, 2])).toBe(1)
    expect(r2(truth, [1, 3, 2])).toBeCloseTo(1 - 5 / (14 / 3), 12)
    expect(pinball([3, 1], [2, 2], 0.9)).toBeCloseTo((0.9 + 0.1) / 2, 12)
  })

  test('half the absolute error is the pinball loss of the median', () => {
    expect(pinball(truth, [1, 3, 2], 0.5)).toBeCloseTo(mae(truth, [1, 3, 2]) / 2, 12)
  })

  test('scores scale with the unit, R2 does not', () => {
    const scaled = truth.map((y) => 10 * y)
    expect(rmse(scaled, [10, 30, 20])).toBeCloseTo(10 * rmse(truth, [1, 3, 2]), 10)
    expect(r2(scaled, [10, 30, 20])).toBeCloseTo(r2(truth, [1, 3, 2]), 12)
  })

  test('the mean of the true values has R2 0, and a constant target has none', () => {
    expect(r2(truth, [7 / 3, 7 / 3, 7 / 3])).toBeCloseTo(0, 12)
    expect(r2([5, 5], [5, 5])).toBeNaN()
    expect(r2([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN()
    expect(r2([], [])).toBeNaN()
  })

  test('rows without a true value are left out', () => {
    expect(mae([1, Number.NaN, 3], [2, 100, 3])).toBe(0.5)
  })

  test('the CRPS of a standard normal comes out of many quantiles', () => {
    // For N(0, 1) at y: y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi); at 0: 0.2336950.
    const levels = Array.from({ length: 999 }, (_, k) => (k + 0.5) / 999)
    const quantiles = levels.map((level) => [probit(level)])
    expect(crps([0], quantiles, levels)).toBeCloseTo(0.233695, 3)
  })

  test('the CRPS of a point forecast is its absolute error', () => {
    expect(crps([3], [[1], [1], [1]], [0.1, 0.5, 0.9])).toBeGreaterThan(1.8)
    expect(crps([3], [[1]], [0.5])).toBeCloseTo(2, 12)
  })

  test('levels that do not increase are refused', () => {
    expect(() => crps([1], [[1], [1]], [0.5, 0.5])).toThrow('levels must increase')
  })
})

/** Standard normal quantile by bisection of a numerically integrated density. */
function probit(level: number): number {
  let low = -8
  let high = 8
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < level) low = middle
    else high = middle
  }
  return low
}

function normalCdf(x: number): number {
  let sum = x
  let term = x
  for (let i = 3; i < 200; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
