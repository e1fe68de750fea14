/**
 * A cheap test that a dataset's columns tell something about its target, so that training time is not spent on tasks
 * that only teach the class frequencies. Ridge regression (of the class indicators, for classification) on the columns,
 * one-hot levels of small categoricals and random Fourier features, fitted on one half of the rows and scored on the
 * other by squared error. Foundation: TabICLv2 rejects with extra-trees and a bootstrap; a normal approximation of the
 * mean gain is enough here. Blind to pure interactions such as parity: the rule family is exempt.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import { weightedSum } from './mechanisms.ts'
import { standardise } from './standardise.ts'

const MOST_ONE_HOT_LEVELS = 8
const MOST_COLUMNS = 40
const FOURIER_FEATURES = 16
const PENALTY = 10

/**
 * Share of the target's squared error that the fit removes on the rows it has not seen, and how sure that is.
 *
 * @param columns NaN = missing (counts as average)
 * @param y class indices or numbers, one per row
 * @param classes 0 for a numeric target
 * @returns `skill` at most 1, negative when worse than the mean; `deviation` the gain in standard errors
 */
export function measureLearnability(
  columns: readonly NumericColumn[],
  y: Float64Array,
  { classes, random }: { classes: number; random: Random },
): { skill: number; deviation: number } {
  const features = buildFeatures(columns, random)
  const targets =
    classes > 0 ? Array.from({ length: classes }, (_, c) => y.map((label) => (label === c ? 1 : 0))) : [y]
  const half = y.length >> 1
  const weights = fitRidge(features, targets, half)
  let gainSum = 0
  let gainSquares = 0
  let baseSum = 0
  for (let i = half; i < y.length; i++) {
    let gain = 0
    targets.forEach((target, k) => {
      const { coefficients, mean } = weights[k]!
      let fitted = mean
      for (let j = 0; j < features.length; j++) fitted += coefficients[j]! * features[j]![i]!
      const base = (target[i]! - mean) ** 2
      baseSum += base
      gain += base - (target[i]! - fitted) ** 2
    })
    gainSum += gain
    gainSquares += gain * gain
  }
  const count = y.length - half
  const mean = gainSum / count
  const variance = Math.max(gainSquares / count - mean * mean, 1e-12)
  return { skill: gainSum / Math.max(baseSum, 1e-12), deviation: mean / Math.sqrt(variance / count) }
}

function buildFeatures(columns: readonly NumericColumn[], random: Random): Float64Array[] {
  const numeric = columns.slice(0, MOST_COLUMNS).map(({ values }) => fillStandardised(values))
  const features = [...numeric]
  for (const { values, categorical } of columns.slice(0, MOST_COLUMNS)) {
    if (!categorical || features.length > 3 * MOST_COLUMNS) continue
    const levels = Math.min(
      MOST_ONE_HOT_LEVELS,
      1 + values.reduce((most, code) => Math.max(most, code || 0), 0),
    )
    for (let level = 0; levels > 2 && level < levels; level++) {
      features.push(values.map((code) => (code === level ? 1 : 0)))
    }
  }
  const scale = 1 / Math.sqrt(numeric.length)
  for (let w = 0; w < FOURIER_FEATURES; w++) {
    const wave = weightedSum(
      numeric,
      random.fillNormal(new Float64Array(numeric.length)).map((x) => x * scale),
    )
    const phase = random.uniform(0, 2 * Math.PI)
    features.push(wave.map((angle) => Math.cos(angle + phase)))
  }
  return features
}

/** Standardised, limited to ±3, 0 where missing. */
function fillStandardised(values: Float64Array): Float64Array {
  let sum = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  const mean = count > 0 ? sum / count : 0
  const filled = standardise(values.map((value) => (Number.isNaN(value) ? mean : value)))
  for (let i = 0; i < filled.length; i++) filled[i] = Math.max(-3, Math.min(3, filled[i]!))
  return filled
}

/** Ridge with an unpenalised mean on the leading rows; normal equations by Cholesky. Features are near centred. */
function fitRidge(
  features: readonly Float64Array[],
  targets: readonly Float64Array[],
  rows: number,
): { coefficients: Float64Array; mean: number }[] {
  const size = features.length
  const factor = Array.from({ length: size }, () => new Float64Array(size))
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++)
      factor[a]![b] = dot(features[a]!, features[b]!, rows) + (a === b ? PENALTY : 0)
  }
  for (let a = 0; a < size; a++) {
    const row = factor[a]!
    for (let b = 0; b <= a; b++) {
      const value = row[b]! - dot(row, factor[b]!, b)
      row[b] = a === b ? Math.sqrt(Math.max(value, 1e-9)) : value / factor[b]![b]!
    }
  }
  return targets.map((target) => {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += target[i]! / rows
    const centred = target.map((value) => value - mean)
    const coefficients = new Float64Array(size)
    for (let a = 0; a < size; a++) {
      coefficients[a] = (dot(features[a]!, centred, rows) - dot(factor[a]!, coefficients, a)) / factor[a]![a]!
    }
    for (let a = size - 1; a >= 0; a--) {
      let value = coefficients[a]!
      for (let b = a + 1; b < size; b++) value -= factor[b]![a]! * coefficients[b]!
      coefficients[a] = value / factor[a]![a]!
    }
    return { coefficients, mean }
  })
}

function dot(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += a[i]! * b[i]!
  return sum
}
