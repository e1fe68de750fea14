import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { leastSquares, logisticRegression } from './least-squares.ts'

test('least squares finds a plane from a few rows, and repeated columns do not hurt', () => {
  const a = Float64Array.of(0, 1, 0, 1, 2, 5)
  const b = Float64Array.of(0, 0, 1, 1, 3, -4)
  const y = a.map((value, i) => 3 + 2 * value - b[i]!)
  const answers = leastSquares([a, b, a], y, 4)
  expect(answers).toHaveLength(2)
  expect(answers[0]).toBeCloseTo(4, 4)
  expect(answers[1]).toBeCloseTo(17, 4)
})

test('a column that never varies among the fitted rows says nothing', () => {
  const constant = Float64Array.of(7, 7, 7, 7, 900)
  const [answer] = leastSquares([constant], Float64Array.of(1, 2, 3, 4, 0), 4)
  expect(answer).toBeCloseTo(2.5, 6)
})

test.each([2, 3])(
  'logistic regression tells %i classes apart, with probabilities that sum to 1',
  (classes) => {
    const random = Random.fromSeed('logistic', classes)
    const labels = Int32Array.from({ length: 120 }, (_, i) => i % classes)
    const columns = [0, 1].map((axis) =>
      Float64Array.from(
        labels,
        (label) => 4 * Math.cos((2 * Math.PI * label) / classes + axis) + random.normal(),
      ),
    )
    const probabilities = logisticRegression(columns, labels, { train: 80, classes })
    let right = 0
    for (let i = 0; i < 40; i++) {
      const row = probabilities.subarray(i * classes, (i + 1) * classes)
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9)
      if (row.indexOf(Math.max(...row)) === labels[80 + i]) right++
    }
    expect(right).toBeGreaterThan(36)
  },
)

test('logistic regression stays finite where classes are far apart', () => {
  const columns = [Float64Array.of(-1e6, -1e6, 1e6, 1e6, 2e6)]
  const [none, one] = logisticRegression(columns, Int32Array.of(0, 0, 1, 1), { train: 4, classes: 2 })
  expect(one).toBeGreaterThan(0.7)
  expect(none! + one!).toBeCloseTo(1, 9)
})
