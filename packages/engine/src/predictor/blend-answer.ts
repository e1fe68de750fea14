/**
 * Answers of a blend: each part answers the rows, and the answers are put together. Rows go in pieces, so that the
 * distributions of all parts are held for a piece at a time.
 */
import { QUANTILES } from '@posterior/model'
import { type Table, takeRows } from '@posterior/tabular'
import { type Blend, partsOf } from '../context/blend.ts'
import type { Context } from '../context/context-state.ts'
import { EngineError } from '../errors.ts'
import type { PredictJob, RegressionOutput, ResolvedOptions } from '../job.ts'
import { overrideOutput } from '../options.ts'
import { blendProbabilities } from '../output/class-blend.ts'
import { meanOf, medianOf } from '../output/point-estimates.ts'
import { fitTails } from '../output/quantile-function.ts'
import { applyTemperature, mixDistributions } from '../output/quantile-mixture.ts'
import { type Asked, askProbabilities, askQuantiles } from './ask-context.ts'
import { balanceFrequencies, ClassAnswer } from './class-answer.ts'
import { NumberAnswer } from './number-answer.ts'

const ROWS_AT_ONCE = 4096

/** Outputs that a regression blend has; the others describe one distribution, which its mean need not belong to. */
export const BLEND_NUMBER_OUTPUTS: readonly RegressionOutput[] = ['mean', 'median', 'quantiles']

export interface BlendRequest {
  readonly job: PredictJob
  /** Settings in force for the blended answer. */
  readonly options: ResolvedOptions
  readonly levels: readonly number[]
}

/** @throws EngineError invalid_options for an output that a blend does not have */
export function checkBlendOutput({ state }: Context, output: string): void {
  const allowed: readonly string[] = BLEND_NUMBER_OUTPUTS
  if (state.task === 'classification' || allowed.includes(output)) return
  throw new EngineError(
    'invalid_options',
    `This model was fitted with thinking and answers ${allowed.join(', ')}; got ${output}. ` +
      'Its mean is the best value for the metric, not the mean of one distribution.',
    { details: { option: 'output' } },
  )
}

/** Answer the rows of a table from all parts of a blend. */
export async function answerBlend(asked: Asked, context: Context, table: Table, request: BlendRequest) {
  const { blend } = context
  if (!blend) throw new Error('This context has no blend.')
  return context.state.target.task === 'classification'
    ? answerClasses(asked, context, blend, table, request)
    : answerNumbers(asked, context, blend, table, request)
}

async function answerClasses(
  asked: Asked,
  context: Context,
  blend: Blend,
  table: Table,
  { job, options }: BlendRequest,
) {
  const { target } = context.state
  if (target.task !== 'classification') throw new Error('Classes need a target of classes.')
  const answer = new ClassAnswer(target, options, table.rowCount)
  const shape = {
    weights: blend.weights,
    temperature: blendTemperature(blend, job),
    balanceBy: options.balanceProbabilities ? balanceFrequencies(target) : null,
  }
  for (const { firstRow, rows } of pieces(table)) {
    const parts: Float64Array[] = []
    for (const part of partsOf(context)) {
      const settings = overrideOutput(part.state.options, job.options)
      parts.push((await askProbabilities(asked, part, rows, [settings]))[0]!)
    }
    const mixed = new Float64Array(parts[0]!.length)
    blendProbabilities(parts, target.classes.length, shape, mixed)
    answer.put(firstRow, mixed)
  }
  return job.output === 'preds' ? answer.labels() : answer.probabilities()
}

async function answerNumbers(
  asked: Asked,
  context: Context,
  blend: Blend,
  table: Table,
  { job, options, levels }: BlendRequest,
) {
  const { target } = context.state
  if (target.task !== 'regression') throw new Error('Numbers need a target of numbers.')
  const output = job.output as RegressionOutput
  const borders = new Float64Array()
  const answer = new NumberAnswer(target, { output, levels, borders, settings: options }, table.rowCount)
  const temperature = blendTemperature(blend, job)
  for (const { firstRow, rows } of pieces(table)) {
    const parts: Float64Array[] = []
    for (const part of partsOf(context)) {
      const settings = overrideOutput(part.state.options, job.options)
      parts.push((await askQuantiles(asked, part, rows, [settings]))[0]!)
    }
    const { knots, points } = blendNumbers(parts, blend, temperature)
    answer.addKnots(firstRow, knots, points)
  }
  return answer.values()
}

/** Mixture of the parts' distributions, and the weighted mean of their points, of each row. */
function blendNumbers(
  parts: readonly Float64Array[],
  { weights, point }: Blend,
  temperature: number,
): { knots: Float64Array; points: Float64Array } {
  const knots = new Float64Array(parts[0]!.length)
  const points = new Float64Array(knots.length / QUANTILES)
  for (let row = 0; row < points.length; row++) {
    const own = parts.map((part) => part.subarray(row * QUANTILES, (row + 1) * QUANTILES))
    points[row] = own.reduce((sum, part, k) => sum + weights[k]! * pointOf(part, point), 0)
    const mixed = knots.subarray(row * QUANTILES, (row + 1) * QUANTILES)
    mixDistributions(own, mixed, weights)
    applyTemperature(mixed, meanOf(mixed, fitTails(mixed)), temperature)
  }
  return { knots, points }
}

/** The mean or median of a distribution. */
export function pointOf(knots: Float64Array, point: Blend['point']): number {
  // A certain answer stays exactly what it is.
  if (knots[0] === knots[knots.length - 1]) return knots[0]!
  const tails = fitTails(knots)
  return point === 'mean' ? meanOf(knots, tails) : medianOf(knots, tails)
}

/** A temperature that the request names is that of the parts; the one found in thinking then does not apply. */
function blendTemperature(blend: Blend, { options }: PredictJob): number {
  return options?.softmaxTemperature === undefined ? blend.temperature : 1
}

function* pieces(table: Table): Generator<{ firstRow: number; rows: Table }> {
  for (let firstRow = 0; firstRow < table.rowCount; firstRow += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, table.rowCount - firstRow)
    yield {
      firstRow,
      rows: takeRows(
        table,
        Int32Array.from({ length: count }, (_, i) => firstRow + i),
      ),
    }
  }
}
