/**
 * What anyone would try first: least squares with normal noise, or linear discriminants (one normal for each class, one
 * covariance for all). Both with a trace of a ridge, so that few rows do not break them.
 */
import { type InContextTask, ORACLE_LEVELS, standardisedTargets } from '@posterior/prior'
import { normalQuantile } from '@posterior/tabular'

/** Ridge on standardised columns, in rows. */
const RIDGE = 0.5
/** Share that every class keeps, so that a sure mistake does not cost infinitely much. */
const FLOOR = 1e-3
const NORMAL_QUANTILES = ORACLE_LEVELS.map(normalQuantile)

/** Mean loss over the rows to predict, in the units of the trainer. */
export function linearLoss(task: InContextTask): number {
  return task.classes > 0 ? discriminantLoss(task) : leastSquaresLoss(task)
}

function leastSquaresLoss(task: InContextTask): number {
  const { train, test } = task
  const y = standardisedTargets(task)
  const rows = standardisedRows(task)
  const weights = solve(gram(rows.slice(0, train)), cross(rows.slice(0, train), y))
  const fitted = rows.map((row) => dot(row, weights))
  let residual = 0
  for (let i = 0; i < train; i++) residual += (y[i]! - fitted[i]!) ** 2
  const deviation = Math.sqrt(residual / Math.max(1, train - weights.length)) + 1e-6
  let loss = 0
  for (let i = train; i < train + test; i++) {
    for (const [k, level] of ORACLE_LEVELS.entries()) {
      const difference = y[i]! - fitted[i]! - deviation * NORMAL_QUANTILES[k]!
      loss += difference * (level - (difference < 0 ? 1 : 0))
    }
  }
  return (2 * loss) / (ORACLE_LEVELS.length * test)
}

function discriminantLoss(task: InContextTask): number {
  const { train, test, classes, y } = task
  const rows = standardisedRows(task).map((row) => row.slice(1))
  const width = rows[0]!.length
  const counts = new Float64Array(classes)
  const means = Array.from({ length: classes }, () => new Float64Array(width))
  for (let i = 0; i < train; i++) {
    counts[y[i]!]! += 1
    for (let j = 0; j < width; j++) means[y[i]!]![j]! += rows[i]![j]!
  }
  means.forEach((mean, c) => {
    for (let j = 0; j < width; j++) mean[j]! /= counts[c]!
  })
  const centred = rows.slice(0, train).map((row, i) => row.map((value, j) => value - means[y[i]!]![j]!))
  const covariance = gram(centred).map((row) => row.map((value) => value / train))
  const directions = means.map((mean) => solve(covariance, mean))
  let loss = 0
  for (let i = train; i < train + test; i++) {
    const logits = directions.map(
      (direction, c) =>
        dot(rows[i]!, direction) - dot(means[c]!, direction) / 2 + Math.log(counts[c]! / train),
    )
    const most = Math.max(...logits)
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0)
    const share = Math.exp(logits[y[i]!]! - most) / total
    loss -= Math.log(FLOOR / classes + (1 - FLOOR) * share)
  }
  return loss / test
}

/** 1, then the columns in standard deviations of the labelled rows. */
function standardisedRows({ columns, train, test }: InContextTask): Float64Array[] {
  const scaled = columns.map(({ values }) => {
    const labelled = values.subarray(0, train)
    const mean = labelled.reduce((sum, value) => sum + value, 0) / train
    const variance = labelled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / train
    const scale = variance > 0 ? Math.sqrt(variance) : 1
    return values.map((value) => (value - mean) / scale)
  })
  return Array.from({ length: train + test }, (_, i) =>
    Float64Array.of(1, ...scaled.map((column) => column[i]!)),
  )
}

function gram(rows: readonly Float64Array[]): number[][] {
  const width = rows[0]!.length
  return Array.from({ length: width }, (_, a) =>
    Array.from(
      { length: width },
      (_, b) => rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0) + (a === b ? RIDGE : 0),
    ),
  )
}

function cross(rows: readonly Float64Array[], y: Float64Array): Float64Array {
  return Float64Array.from(rows[0]!, (_, a) => rows.reduce((sum, row, i) => sum + row[a]! * y[i]!, 0))
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0)
}

/** Solve a symmetric positive definite system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: Float64Array): Float64Array {
  const a = matrix.map((row, i) => [...row, right[i]!])
  const n = a.length
  for (let p = 0; p < n; p++) {
    for (let i = p + 1; i < n; i++) {
      const share = a[i]![p]! / a[p]![p]!
      for (let j = p; j <= n; j++) a[i]![j]! -= share * a[p]![j]!
    }
  }
  const x = new Float64Array(n)
  for (let i = n - 1; i >= 0; i--) {
    let rest = a[i]![n]!
    for (let j = i + 1; j < n; j++) rest -= a[i]![j]! * x[j]!
    x[i] = rest / a[i]![i]!
  }
  return x
}
