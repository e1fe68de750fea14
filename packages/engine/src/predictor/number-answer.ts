/** Collects the members' quantiles chunk by chunk into the numbers that were asked for. */
import { QUANTILES } from '@posterior/model'
import type { RegressionTargetState } from '@posterior/tabular'
import { type TargetTransform, targetInverse } from '../ensemble/target-transform.ts'
import type { RegressionOutput, ResolvedOptions } from '../job.ts'
import { constantBorders, writeBarLogits } from '../output/bar-distribution.ts'
import { meanOf, medianOf, modeOf } from '../output/point-estimates.ts'
import { fitTails, quantileAt, sortKnots } from '../output/quantile-function.ts'
import { applyTemperature, averageQuantiles, mixDistributions } from '../output/quantile-mixture.ts'

export type NumberValues =
  | { output: 'mean' | 'median' | 'mode'; values: Float64Array }
  | { output: 'quantiles'; levels: readonly number[]; quantiles: Float64Array[] }
  | ({ output: 'main' } & MainValues)
  | ({ output: 'full'; borders: Float64Array; logits: Float64Array } & MainValues)

interface MainValues {
  mean: Float64Array
  median: Float64Array
  mode: Float64Array
  levels: readonly number[]
  quantiles: Float64Array[]
}

export interface NumberAnswerOptions {
  readonly output: RegressionOutput
  readonly levels: readonly number[]
  readonly borders: Float64Array
  readonly settings: ResolvedOptions
}

export class NumberAnswer {
  readonly #target: RegressionTargetState
  readonly #options: NumberAnswerOptions
  readonly #mean: Float64Array
  readonly #median: Float64Array
  readonly #mode: Float64Array
  readonly #quantiles: Float64Array[]
  readonly #logits: Float64Array

  constructor(target: RegressionTargetState, options: NumberAnswerOptions, rowCount: number) {
    this.#target = target
    this.#options = options
    const { output, levels, borders } = options
    const wants = (...outputs: RegressionOutput[]) => [...outputs, 'main', 'full'].includes(output)
    this.#mean = new Float64Array(wants('mean') ? rowCount : 0)
    this.#median = new Float64Array(wants('median') ? rowCount : 0)
    this.#mode = new Float64Array(wants('mode') ? rowCount : 0)
    this.#quantiles = wants('quantiles') ? levels.map(() => new Float64Array(rowCount)) : []
    this.#logits = new Float64Array(output === 'full' ? rowCount * (borders.length - 1) : 0)
  }

  /**
   * @param firstRow    row of the request that the chunk starts with
   * @param outputs     of each member in turn: quantiles [rows, 255] of its standardised target, in any order
   * @param transforms  of each member: transform of the standardised target, or null
   */
  add(
    firstRow: number,
    outputs: readonly Float32Array[],
    transforms: readonly (TargetTransform | null)[],
  ): void {
    this.addKnots(firstRow, mixMembers(this.#target, this.#options.settings, outputs, transforms))
  }

  /**
   * The same, from distributions that are put together already.
   *
   * @param knots  row-major [rows, 255]: sorted quantiles in the target's unit
   * @param means  what to answer as the mean of each row; default the mean of its distribution
   */
  addKnots(firstRow: number, knots: Float64Array, means?: Float64Array): void {
    for (let row = 0; row * QUANTILES < knots.length; row++) {
      this.#write(firstRow + row, knots.subarray(row * QUANTILES, (row + 1) * QUANTILES))
      if (means && this.#mean.length > 0) this.#mean[firstRow + row] = means[row]!
    }
  }

  /** Every row is the constant that the target always was. */
  fillConstant(): void {
    const { mean } = this.#target
    for (const values of [this.#mean, this.#median, this.#mode, ...this.#quantiles]) values.fill(mean)
    this.#logits.fill(0)
  }

  /** What was asked for, of all rows. */
  values(): NumberValues {
    const { output, levels, borders } = this.#options
    const main = {
      mean: this.#mean,
      median: this.#median,
      mode: this.#mode,
      levels,
      quantiles: this.#quantiles,
    }
    switch (output) {
      case 'mean':
        return { output, values: this.#mean }
      case 'median':
        return { output, values: this.#median }
      case 'mode':
        return { output, values: this.#mode }
      case 'quantiles':
        return { output, levels, quantiles: this.#quantiles }
      case 'main':
        return { output, ...main }
      case 'full':
        return { output, ...main, borders, logits: this.#logits }
    }
  }

  #write(row: number, knots: Float64Array): void {
    const tails = fitTails(knots)
    if (this.#mean.length > 0) this.#mean[row] = meanOf(knots, tails)
    if (this.#median.length > 0) this.#median[row] = medianOf(knots, tails)
    if (this.#mode.length > 0) this.#mode[row] = modeOf(knots)
    this.#quantiles.forEach((values, i) => {
      values[row] = quantileAt(knots, tails, this.#options.levels[i]!)
    })
    if (this.#logits.length > 0) {
      const { borders } = this.#options
      writeBarLogits(knots, tails, borders, this.#logits, row * (borders.length - 1))
    }
  }
}

/** Borders for the answer: those of the fit, or one bucket around a target that never varied. */
export function answerBorders(target: RegressionTargetState, borders: readonly number[]): Float64Array {
  return borders.length > 0 ? Float64Array.from(borders) : constantBorders(target.mean)
}

/**
 * The members' quantiles as those of one distribution per row.
 *
 * @param outputs     of each member in turn: quantiles [rows, 255] of its standardised target, in any order
 * @param transforms  of each member: transform of the standardised target, or null
 * @returns row-major [rows, 255], sorted, in the target's unit
 */
export function mixMembers(
  target: RegressionTargetState,
  settings: Pick<ResolvedOptions, 'softmaxTemperature' | 'averageBeforeSoftmax'>,
  outputs: readonly Float32Array[],
  transforms: readonly (TargetTransform | null)[],
): Float64Array {
  const members = outputs.map((output, k) => toTargetUnit(target, output, transforms[k]!))
  const mixed = new Float64Array(outputs[0]!.length)
  const { softmaxTemperature: temperature, averageBeforeSoftmax } = settings
  for (let start = 0; start < mixed.length; start += QUANTILES) {
    const parts = members.map((knots) => knots.subarray(start, start + QUANTILES))
    if (temperature !== 1) {
      for (const knots of parts) applyTemperature(knots, meanOf(knots, fitTails(knots)), temperature)
    }
    const row = mixed.subarray(start, start + QUANTILES)
    if (averageBeforeSoftmax) averageQuantiles(parts, row)
    else mixDistributions(parts, row)
  }
  return mixed
}

function toTargetUnit(
  { mean, scale }: RegressionTargetState,
  output: Float32Array,
  transform: TargetTransform | null,
): Float64Array {
  const knots = Float64Array.from(output)
  sortKnots(knots, QUANTILES)
  const invert = transform ? targetInverse(transform) : (t: number) => t
  for (let i = 0; i < knots.length; i++) knots[i] = mean + scale * invert(knots[i]!)
  return knots
}
