/**
 * How a latent number shows itself as a column: numeric with some marginal shape and precision, or a category. The
 * marginals are those of real tables: skewed amounts, counts, bounded shares, grids of a designed experiment, values
 * rounded by whoever wrote them down.
 */

import type { Random } from '@posterior/tabular'
import type { DraftColumn } from './draft.ts'
import { standardise } from './standardise.ts'
import { drawIndex, drawShares } from './weights.ts'

/** A numeric column that is a monotone (mostly) function of the latent; `plain` keeps normal-like shapes only. */
export function observeNumeric(latent: Float64Array, random: Random, plain = false): DraftColumn {
  const values = latent.slice()
  const shape = random.uniform()
  const rows = values.length
  if (plain || shape < 0.4) {
    // as it is
  } else if (shape < 0.6) {
    const spread = random.uniform(0.3, 1.3)
    const sign = random.bool(0.85) ? 1 : -1
    for (let i = 0; i < rows; i++) values[i] = sign * Math.exp(sign * spread * values[i]!)
  } else if (shape < 0.75) {
    warpToUnit(values, random)
  } else if (shape < 0.85) {
    const power = random.logUniform(0.4, 2.5)
    for (let i = 0; i < rows; i++) values[i] = Math.sign(values[i]!) * Math.abs(values[i]!) ** power
  } else if (shape < 0.92) {
    const cut = random.uniform(-1, 0.8)
    for (let i = 0; i < rows; i++) values[i] = Math.max(0, values[i]! - cut)
  } else {
    const rate = random.logUniform(0.5, 12)
    for (let i = 0; i < rows; i++) values[i] = Math.floor(rate * Math.exp(0.6 * values[i]!))
  }
  if (!plain && random.bool(0.2)) roundToLevels(values, random)
  return { values, levels: 0 }
}

/**
 * A categorical column cut from the latent, so that the code tells part of it: ordered levels at random unequal cuts,
 * codes permuted in most cases. Some binary and few-level columns are passed on as plain numbers.
 */
export function observeCategory(
  latent: Float64Array,
  random: Random,
  levels = drawLevels(random),
): DraftColumn {
  const cuts = cutPoints(latent, drawShares(levels, random, { concentration: 2, floor: 0.2 }))
  const isOrdered = random.bool(0.3)
  const codes = isOrdered ? null : random.permutation(levels)
  const values = new Float64Array(latent.length)
  for (let i = 0; i < values.length; i++) {
    const bin = findBin(cuts, latent[i]!)
    values[i] = codes ? codes[bin]! : bin
  }
  return { values, levels: passesAsNumber(levels, isOrdered, random) ? 0 : levels }
}

/** A categorical column that stands for itself, with random frequencies and a standard normal effect per level. */
export function drawCategory(
  rows: number,
  random: Random,
  levels = drawLevels(random),
): { column: DraftColumn; effect: Float64Array } {
  const shares =
    levels > 12
      ? drawShares(levels, random, { concentration: 0.7, floor: 0.02 })
      : drawShares(levels, random, { concentration: random.bool(0.4) ? 20 : 1.5, floor: 0.15 })
  const perLevel = random.fillNormal(new Float64Array(levels))
  const values = new Float64Array(rows)
  const effect = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const level = drawIndex(shares, random)
    values[i] = level
    effect[i] = perLevel[level]!
  }
  return {
    column: { values, levels: passesAsNumber(levels, false, random) ? 0 : levels },
    effect: standardise(effect),
  }
}

/** Cardinality of a categorical column: often binary, mostly up to 12, sometimes up to 40. */
export function drawLevels(random: Random): number {
  const kind = random.uniform()
  if (kind < 0.3) return 2
  if (kind < 0.92) return Math.floor(random.logUniform(2, 13))
  return Math.floor(random.logUniform(12, 41))
}

/** Values that cut `latent` into consecutive groups with these shares of rows; shares.length - 1 of them. */
export function cutPoints(latent: Float64Array, shares: Float64Array): Float64Array {
  const sorted = latent.slice().sort()
  const cuts = new Float64Array(shares.length - 1)
  let reached = 0
  for (let k = 0; k < cuts.length; k++) {
    reached += shares[k]!
    const at = Math.min(sorted.length - 1, Math.max(1, Math.round(reached * sorted.length)))
    cuts[k] = (sorted[at - 1]! + sorted[at]!) / 2
  }
  return cuts
}

/** Number of cuts below `value`. */
export function findBin(cuts: Float64Array, value: number): number {
  let bin = 0
  while (bin < cuts.length && value > cuts[bin]!) bin++
  return bin
}

function passesAsNumber(levels: number, isOrdered: boolean, random: Random): boolean {
  return random.bool(levels === 2 ? 0.4 : isOrdered ? 0.5 : 0.08)
}

/** Kumaraswamy warp of the latent's normal probability: uniform, U-shaped or one-sided columns in [0, 1]. */
function warpToUnit(values: Float64Array, random: Random): void {
  const a = random.logUniform(0.4, 2.5)
  const b = random.logUniform(0.4, 2.5)
  for (let i = 0; i < values.length; i++) {
    const p = 1 / (1 + Math.exp(-1.702 * values[i]!))
    values[i] = (1 - (1 - p) ** (1 / b)) ** (1 / a)
  }
}

/** Keep 2 to 50 equally spaced levels between the extremes. */
function roundToLevels(values: Float64Array, random: Random): void {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!(high > low)) return
  const steps = Math.floor(random.logUniform(2, 50))
  const width = (high - low) / steps
  for (let i = 0; i < values.length; i++) values[i] = Math.round((values[i]! - low) / width)
}
