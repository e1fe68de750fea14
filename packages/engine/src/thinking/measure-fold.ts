/**
 * One slice of the search: fit a candidate on the rows that a fold trains on, predict those that it holds out, and write
 * the predictions to a file, from which the selection reads them. A slice takes about as long as an ordinary fit and
 * prediction of the same table.
 *
 * The file holds float32, for each way of averaging the members in turn, row-major: of classes the probabilities
 * [rows, classes], before balancing; of numbers [rows, 1 + 31], the mean and the quantiles at (k + 0.5) / 31, of which
 * the middle one is the median.
 */
import { writeFile } from 'node:fs/promises'
import { QUANTILES } from '@posterior/model'
import { encodeTarget, fitTarget, type Table, type TargetState, takeRows } from '@posterior/tabular'
import { type Context, checkTensors } from '../context/context-state.ts'
import type { FitJob } from '../job.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { resolveOptions } from '../options.ts'
import { meanOf } from '../output/point-estimates.ts'
import { fitTails, knotLevel, quantileAt } from '../output/quantile-function.ts'
import { type Asked, askProbabilities, askQuantiles } from '../predictor/ask-context.ts'
import { learnContext } from '../predictor/learn-context.ts'
import { dealFolds, rowsOfFold } from './folds.ts'
import type { CandidateSettings } from './thinking-job.ts'

/** Quantiles kept of each held-out distribution; odd, so that the median is one of them. */
export const KEPT_QUANTILES = 31

export interface FoldJob {
  readonly fit: FitJob
  readonly settings: CandidateSettings
  readonly fold: number
  readonly seed: number
  /** File to write. */
  readonly file: string
}

export interface FoldResult {
  /** Of the whole slice, and of the fit alone. */
  readonly seconds: number
  readonly fitSeconds: number
  /** Size of the context. */
  readonly contextBytes: number
}

export interface FoldInput {
  readonly job: FoldJob
  readonly data: { readonly x: Table; readonly y: Parameters<typeof fitTarget>[0] }
  readonly model: ModelInfo
  readonly maxClasses: number
  readonly maxFitBytes: number
}

/** @throws EngineError | TableError as those of a fit and a prediction */
export async function measureFold(
  { runner, run }: Omit<Asked, 'model'>,
  { job, data, model, maxClasses, maxFitBytes }: FoldInput,
): Promise<Omit<FoldResult, 'seconds'>> {
  const start = performance.now()
  const { task } = job.fit
  const target = fitTarget(data.y, task, { maxClasses })
  const folds = dealFolds(encodeTarget(target as never, data.y), job.seed)
  const { train, held } = rowsOfFold(folds, job.fold)
  const labelled = { rowCount: data.x.rowCount, columns: [data.y] }
  const options = resolveOptions(task, job.settings)
  const context = await learnContext(
    runner,
    {
      task,
      model,
      data: { x: takeRows(data.x, train), y: takeRows(labelled, train).columns[0]! },
      options,
      maxClasses,
      maxFitBytes,
    },
    run,
  )
  checkTensors(context)
  const fitSeconds = (performance.now() - start) / 1000
  const answers = await answerHeldOut({ runner, model, run }, context, takeRows(data.x, held), job.settings)
  await writeFile(job.file, Buffer.concat(answers.map((part) => new Uint8Array(part.buffer))))
  return { fitSeconds, contextBytes: bytesOf(context) }
}

async function answerHeldOut(
  asked: Asked,
  context: Context,
  rows: Table,
  settings: CandidateSettings,
): Promise<Float32Array[]> {
  const variants = averagings(settings).map((averageBeforeSoftmax) => ({
    ...context.state.options,
    averageBeforeSoftmax,
  }))
  const answers =
    context.state.task === 'classification'
      ? await askProbabilities(asked, context, rows, variants)
      : (await askQuantiles(asked, context, rows, variants)).map(keepPoints)
  return answers.map((answer) => Float32Array.from(answer))
}

/** Ways of averaging the members that are tried with these settings, the default or the one asked for first. */
export function averagings({ averageBeforeSoftmax }: CandidateSettings): readonly boolean[] {
  return averageBeforeSoftmax === undefined ? [false, true] : [averageBeforeSoftmax]
}

/** Numbers kept of each row that is held out. */
export function keptWidth(target: TargetState): number {
  return target.task === 'classification' ? target.classes.length : 1 + KEPT_QUANTILES
}

function keepPoints(knots: Float64Array): Float64Array {
  const rows = knots.length / QUANTILES
  const width = 1 + KEPT_QUANTILES
  const out = new Float64Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const own = knots.subarray(row * QUANTILES, (row + 1) * QUANTILES)
    const tails = fitTails(own)
    out[row * width] = meanOf(own, tails)
    for (let k = 0; k < KEPT_QUANTILES; k++)
      out[row * width + 1 + k] = quantileAt(own, tails, knotLevel(k, KEPT_QUANTILES))
  }
  return out
}

function bytesOf({ tensors }: Context): number {
  let bytes = 0
  for (const { data } of tensors.values()) bytes += data.byteLength
  return bytes
}
