/**
 * What real tables do to clean columns: columns that mean nothing, near copies, wild values, missing cells. Works on
 * numeric columns as the model's preprocessing expects them (NaN = missing, codes from 0), training rows first.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import type { DraftColumn } from './draft.ts'
import { drawCategory, observeNumeric } from './observe.ts'
import { standardise } from './standardise.ts'

/** Exactly `features` columns in random order: some left out, or meaningless ones and near copies added. */
export function fitColumnCount(columns: DraftColumn[], features: number, random: Random): DraftColumn[] {
  const rows = columns[0]!.values.length
  const kept = random.shuffle([...columns]).slice(0, features)
  const copyShare = random.bool(0.25) ? random.uniform(0.2, 1) : 0
  const categoricalShare = columns.filter((column) => column.levels > 0).length / columns.length
  while (kept.length < features) {
    const source = random.choice(columns)
    const canCopy = source.levels === 0 && random.bool(copyShare)
    kept.push(canCopy ? nearCopy(source, random) : meaningless(rows, random, random.bool(categoricalShare)))
  }
  return random.shuffle(kept)
}

/** A column that has nothing to do with the rest. */
export function meaningless(rows: number, random: Random, isCategorical = false): DraftColumn {
  if (isCategorical) return drawCategory(rows, random).column
  return observeNumeric(random.fillNormal(new Float64Array(rows)), random)
}

function nearCopy(source: DraftColumn, random: Random): DraftColumn {
  const values = standardise(source.values.slice())
  const noise = random.logUniform(0.02, 1)
  for (let i = 0; i < values.length; i++) values[i]! += noise * random.normal()
  return observeNumeric(values, random)
}

/** Multiply 0.1 to 2 % of the numeric cells by 3 to 100, in place. */
export function addOutliers(columns: readonly NumericColumn[], random: Random): void {
  const share = random.logUniform(0.001, 0.02)
  for (const { values, categorical } of columns) {
    if (categorical) continue
    const size = random.logUniform(3, 100)
    for (let i = 0; i < values.length; i++) if (random.bool(share)) values[i]! *= size
  }
}

/**
 * Blank cells of some columns in place: completely at random, depending on another column, or on the own value.
 *
 * @returns the share of all cells that was blanked
 */
export function addMissing(columns: readonly NumericColumn[], random: Random): number {
  const rows = columns[0]!.values.length
  const whole = columns.map((column) => standardise(column.values.slice()))
  const affected = random.bool(0.3) ? 1 : random.uniform(0.05, 1)
  const rate = random.logUniform(0.01, 0.4)
  const kind = random.uniform()
  const slope = (random.bool() ? 1 : -1) * random.uniform(0.5, 3)
  let blanked = 0
  columns.forEach(({ values }, j) => {
    if (!random.bool(affected)) return
    const ownRate = Math.min(0.6, rate * random.uniform(0.3, 1.7))
    const cause = kind < 0.5 ? null : kind < 0.8 ? whole[random.int(0, whole.length)]! : whole[j]!
    for (let i = 0; i < rows; i++) {
      const chance = cause ? (2 * ownRate) / (1 + Math.exp(-slope * cause[i]!)) : ownRate
      if (random.bool(chance)) {
        values[i] = Number.NaN
        blanked++
      }
    }
  })
  return blanked / (rows * columns.length)
}

/** Whether the training rows hold at least two different present values. */
export function variesInTraining({ values }: NumericColumn, trainRows: number): boolean {
  let first = Number.NaN
  for (let i = 0; i < trainRows; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    if (Number.isNaN(first)) first = value
    else if (value !== first) return true
  }
  return false
}
