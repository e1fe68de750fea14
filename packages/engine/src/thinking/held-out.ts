/** What the candidates predicted for the rows that the folds held out, read back from the slices' files. */
import { readFile } from 'node:fs/promises'
import { encodeTarget, type fitTarget, type TargetState } from '@posterior/tabular'
import type { Blend } from '../context/blend.ts'
import { mixDistributions } from '../output/quantile-mixture.ts'
import { dealFolds, rowsOfFold } from './folds.ts'
import { averagings, KEPT_QUANTILES, keptWidth } from './measure-fold.ts'
import type { CandidateSettings } from './thinking-job.ts'

/** One way of averaging the members of one candidate. */
export interface HeldOutPrediction {
  readonly averageBeforeSoftmax: boolean
  /** What is blended and scored: probabilities [rows, classes], or one number per row. */
  readonly values: Float64Array
  /** Regression: quantiles [rows, 31]. */
  readonly knots: Float32Array
}

/** True classes or numbers of the held-out rows, fold after fold, in the target's unit. */
export function heldOutTruth(
  target: TargetState,
  y: Parameters<typeof fitTarget>[0],
  { seed, folds }: { seed: number; folds: number },
): Int32Array | Float64Array {
  const labels: Int32Array | Float64Array = encodeTarget(target as never, y)
  const dealt = dealFolds(labels, seed)
  const rows = Array.from({ length: folds }, (_, fold) => rowsOfFold(dealt, fold).held).flat()
  if (target.task === 'classification') return Int32Array.from(rows, (row) => labels[row]!)
  return Float64Array.from(rows, (row) => target.mean + target.scale * labels[row]!)
}

/** @param files of one candidate, fold after fold */
export async function readHeldOut(
  target: TargetState,
  files: readonly string[],
  settings: CandidateSettings,
  point: Blend['point'],
): Promise<HeldOutPrediction[]> {
  const ways = averagings(settings)
  const width = keptWidth(target)
  const folds: Float32Array[] = []
  for (const file of files) {
    const bytes = await readFile(file)
    folds.push(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4))
  }
  return ways.map((averageBeforeSoftmax, way) => {
    const all = folds.map((fold) => {
      const size = fold.length / ways.length
      return fold.subarray(way * size, (way + 1) * size)
    })
    if (target.task === 'classification')
      return { averageBeforeSoftmax, values: Float64Array.from(joined(all)), knots: new Float32Array() }
    return { averageBeforeSoftmax, ...splitNumbers(joined(all), width, point) }
  })
}

function splitNumbers(
  kept: Float32Array,
  width: number,
  point: Blend['point'],
): { values: Float64Array; knots: Float32Array } {
  const rows = kept.length / width
  const at = point === 'mean' ? 0 : 1 + (KEPT_QUANTILES >> 1)
  const knots = new Float32Array(rows * KEPT_QUANTILES)
  for (let row = 0; row < rows; row++)
    knots.set(kept.subarray(row * width + 1, (row + 1) * width), row * KEPT_QUANTILES)
  return { values: Float64Array.from({ length: rows }, (_, row) => kept[row * width + at]!), knots }
}

/** Weighted mean of predictions of equal length. */
export function blendValues(parts: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const out = new Float64Array(parts[0]!.length)
  for (const [k, part] of parts.entries())
    for (let i = 0; i < out.length; i++) out[i]! += weights[k]! * part[i]!
  return out
}

/** Quantiles [rows, 31] of the weighted mixture. */
export function blendKnots(parts: readonly Float32Array[], weights: readonly number[]): Float64Array {
  const out = new Float64Array(parts[0]!.length)
  for (let start = 0; start < out.length; start += KEPT_QUANTILES) {
    const own = parts.map((part) => Float64Array.from(part.subarray(start, start + KEPT_QUANTILES)))
    mixDistributions(own, out.subarray(start, start + KEPT_QUANTILES), weights)
  }
  return out
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
