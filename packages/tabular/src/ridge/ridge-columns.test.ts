import { Matrix, solve } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import type { NumericColumn } from '../table/numeric-table.ts'
import { fitRidgeColumns, ridgeColumnCount, ridgeColumns } from './ridge-columns.ts'
import { fitRidge } from './ridge-regression.ts'

const normals = (seed: number, count: number) =>
  Random.fromSeed('ridge test', seed).fillNormal(new Float64Array(count))

function numberColumns(seed: number, rows: number, count: number): NumericColumn[] {
  return Array.from({ length: count }, (_, j) => ({
    name: `x${j}`,
    values: normals(100 * seed + j, rows),
    categorical: false,
  }))
}

const take = (columns: readonly NumericColumn[], first: number, last: number) =>
  columns.map((column) => ({ ...column, values: column.values.subarray(first, last) }))

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb)
    aa += (a[i]! - ma) ** 2
    bb += (b[i]! - mb) ** 2
  }
  return ab / Math.sqrt(aa * bb)
}

describe('the regression', () => {
  /** The regression on some rows, solved directly. */
  function refit(x: number[][], y: number[], penalty: number) {
    const means = x[0]!.map((_, j) => x.reduce((sum, row) => sum + row[j]!, 0) / x.length)
    const middle = y.reduce((sum, value) => sum + value, 0) / y.length
    const centred = new Matrix(x.map((row) => row.map((value, j) => value - means[j]!)))
    const gram = centred.transpose().mmul(centred).add(Matrix.eye(means.length).mul(penalty))
    const weights = solve(
      gram,
      centred.transpose().mmul(Matrix.columnVector(y.map((value) => value - middle))),
    )
    return { weights: weights.to1DArray(), means, middle }
  }

  test.each([4, 50])('answers a left-out row as one that never saw it, with %i features', (width) => {
    const rows = 30
    const features = Array.from({ length: width }, (_, j) => normals(j, rows))
    const targets = [normals(900, rows), normals(901, rows)]
    const fit = fitRidge(features, targets)
    const table = Array.from({ length: rows }, (_, i) => features.map((values) => values[i]!))
    for (const [k, target] of targets.entries()) {
      const whole = refit(table, Array.from(target), fit.penalty)
      for (const [j, weight] of whole.weights.entries()) expect(fit.weights[k]![j]).toBeCloseTo(weight, 8)
      for (const row of [0, 7, 29]) {
        const others = (_: unknown, i: number) => i !== row
        const without = refit(table.filter(others), Array.from(target).filter(others), fit.penalty)
        const slope = table[row]!.reduce(
          (sum, x, j) => sum + (x - without.means[j]!) * without.weights[j]!,
          0,
        )
        expect(fit.leftOut[k]![row]).toBeCloseTo(whole.middle + slope, 8)
      }
    }
  })

  test('of features that never vary answers the mean', () => {
    const fit = fitRidge([new Float64Array(10)], [Float64Array.from({ length: 10 }, (_, i) => i)])
    expect(fit.intercepts[0]).toBe(4.5)
    expect(Array.from(fit.leftOut[0]!)).toEqual(new Array(10).fill(4.5))
  })
})

describe('columns', () => {
  test('follow a linear target, and a smooth one of two columns', () => {
    const columns = numberColumns(1, 600, 3)
    const [a, b, c] = columns.map((column) => column.values)
    const linear = a!.map((x, i) => x - 2 * b![i]! + 0.5 * c![i]!)
    const smooth = a!.map((x, i) => Math.sin(x) * b![i]!)
    for (const [target, least] of [
      [linear, 0.999],
      [smooth, 0.8],
    ] as const) {
      const fitted = fitRidgeColumns(take(columns, 0, 500), { numbers: target.subarray(0, 500) }, 7)!
      expect(fitted.columns).toHaveLength(1)
      const [answered] = ridgeColumns(fitted.state, take(columns, 500, 600))
      expect(correlation(answered!.values, target.subarray(500))).toBeGreaterThan(least)
      expect(correlation(fitted.columns[0]!.values, target.subarray(0, 500))).toBeGreaterThan(least - 0.05)
    }
  })

  test('are one for two classes, one for each of up to ten, none for one or more', () => {
    for (const [classCount, count] of [
      [1, 0],
      [2, 1],
      [3, 3],
      [10, 10],
      [11, 0],
    ] as const) {
      const random = Random.fromSeed('classes', classCount)
      const classes = Int32Array.from({ length: 400 }, () => random.int(0, classCount))
      const columns = Array.from({ length: classCount }, (_, k) => ({
        name: `x${k}`,
        values: Float64Array.from(classes, (own) => (own === k ? 1 : 0) + 0.1 * random.normal()),
        categorical: false,
      }))
      const fitted = fitRidgeColumns(columns, { classes, classCount }, 0)
      expect(ridgeColumnCount(classCount, 400)).toBe(count)
      expect(fitted?.columns.length ?? 0).toBe(count)
    }
  })

  test.each([40, 300])('never tell the labels of %i rows where there is nothing to tell', (rows) => {
    for (let seed = 0; seed < 10; seed++) {
      const random = Random.fromSeed('nothing', seed)
      const classes = Int32Array.from({ length: rows }, () => random.int(0, 2))
      const fitted = fitRidgeColumns(numberColumns(seed, rows, 5), { classes, classCount: 2 }, 0)
      if (!fitted) continue
      const related = correlation(fitted.columns[0]!.values, Float64Array.from(classes))
      expect(related).toBeGreaterThan(0)
      expect(related).toBeLessThan(4 / Math.sqrt(rows))
    }
  })

  test('see categories whatever their codes, and missing cells', () => {
    const random = Random.fromSeed('codes')
    const codes = Float64Array.from({ length: 400 }, () => random.int(0, 6))
    const gaps = Float64Array.from({ length: 400 }, () => (random.bool(0.3) ? Number.NaN : random.normal()))
    const numbers = codes.map((code, i) => [0, 5, -5, 2, -1, 3][code]! + (Number.isNaN(gaps[i]!) ? 4 : 0))
    const columns = [
      { name: 'code', values: codes, categorical: true },
      { name: 'gaps', values: gaps, categorical: false },
    ]
    const { state } = fitRidgeColumns(take(columns, 0, 300), { numbers: numbers.subarray(0, 300) }, 0)!
    const [answered] = ridgeColumns(state, take(columns, 300, 400))
    for (const [i, value] of answered!.values.entries())
      expect(Math.abs(value - numbers[300 + i]!)).toBeLessThan(0.2)
  })

  test('see frequent texts, and nothing of texts that are all different', () => {
    const random = Random.fromSeed('texts')
    const places = Float64Array.from({ length: 400 }, () => random.int(0, 40))
    const worth = Float64Array.from({ length: 40 }, () => random.normal())
    const column = { name: 'town', values: places, categorical: false, text: true }
    const numbers = places.map((place) => worth[place]!)
    const { state } = fitRidgeColumns(take([column], 0, 300), { numbers: numbers.subarray(0, 300) }, 0)!
    // A text that training did not see, or saw once, has the mean.
    const unseen = { ...column, values: Float64Array.of(Number.NaN, 77) }
    const [answered] = ridgeColumns(state, take([column], 300, 400))
    const [other] = ridgeColumns(state, [unseen])
    expect(correlation(answered!.values, numbers.subarray(300))).toBeGreaterThan(0.95)
    expect(Math.abs(other!.values[1]!)).toBeLessThan(1)
    const different = { ...column, values: Float64Array.from({ length: 400 }, (_, i) => i) }
    expect(fitRidgeColumns([different], { numbers }, 0)).toBeNull()
  })

  test('are the same after the state was text, and for a row alone', () => {
    const columns = numberColumns(3, 120, 4)
    const target = columns[0]!.values.map((x, i) => x * columns[1]!.values[i]!)
    const { state } = fitRidgeColumns(take(columns, 0, 100), { numbers: target.subarray(0, 100) }, 3)!
    const together = ridgeColumns(JSON.parse(JSON.stringify(state)), take(columns, 100, 120))
    for (let row = 100; row < 120; row++) {
      const alone = ridgeColumns(state, take(columns, row, row + 1))
      expect(alone[0]!.values[0]).toBe(together[0]!.values[row - 100])
    }
  })

  test('hold for more columns than rows, infinite cells and more features than are kept', () => {
    const columns = numberColumns(5, 40, 600)
    columns[0]!.values[3] = Number.POSITIVE_INFINITY
    const numbers = columns[1]!.values.map((x) => 3 * x)
    const fitted = fitRidgeColumns(columns, { numbers }, 0)
    for (const { values } of fitted?.columns ?? []) expect(values.every(Number.isFinite)).toBe(true)
  })

  test('need rows: of fewer than eight there are none', () => {
    const columns = numberColumns(6, 7, 2)
    expect(fitRidgeColumns(columns, { numbers: columns[0]!.values }, 0)).toBeNull()
  })
})
