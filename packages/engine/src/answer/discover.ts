/** A whole table of numbers to the graph behind its columns. The answer does not depend on the order of rows or columns. */

import { limitsOf } from '@posterior/model'
import { fitChannels, TableError } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { checkAborted } from '../predictor/check-aborted.ts'
import { cellTensor } from '../predictor/member-inputs.ts'
import type { RunOptions } from '../predictor/model-runner.ts'
import { Stopwatch } from '../predictor/stopwatch.ts'
import { checkModelLimits, checkWidth, describeTrainedRange } from '../predictor/trained-range.ts'
import { checkMemory } from '../predictor/work-size.ts'
import type { GraphSessions } from '../runtime/graph-sessions.ts'
import type { AnswerInfo, ModelChoice, NumberRows } from './answer-job.ts'
import { columnsOf } from './learn-rows.ts'

/** What causes what in a table? */
export interface DiscoverJob {
  readonly model: ModelChoice
  /** At least two rows and two columns. */
  readonly x: NumberRows
}

export interface GraphAnswer extends AnswerInfo {
  readonly task: 'discovery'
  readonly columns: number
  /** Row-major [columns, columns]: of an edge from the row's column to the column's; 0 on the diagonal. */
  readonly probabilities: Float64Array
}

export interface DiscoverMeans {
  readonly sessions: GraphSessions
  readonly model: ModelInfo
  readonly maxBytes: number
}

/** @throws EngineError | TableError as their codes say */
export async function discover(
  { sessions, model, maxBytes }: DiscoverMeans,
  { x }: DiscoverJob,
  run: RunOptions,
): Promise<GraphAnswer> {
  const watch = new Stopwatch()
  const { manifest } = model
  if (x.rows < 2) throw new TableError('no_rows', `x has ${x.rows} rows. Send at least two.`)
  if (x.columns < 2) throw new TableError('no_columns', `x has ${x.columns} columns. Send at least two.`)
  checkWidth(manifest.architecture, x.columns)
  const shape = { rows: x.rows, columns: x.columns, classes: 0 }
  const warnings = [
    ...checkModelLimits(limitsOf(manifest), shape, true),
    ...describeTrainedRange(manifest.trainedRange, shape),
  ]
  checkMemory(manifest.architecture, [{ rows: x.rows, columns: x.columns, preparation: null }], maxBytes)
  checkAborted(run.signal)
  const columns = columnsOf(x, 'x')
  const order = columns.map((_, j) => j)
  const state = { order, slots: [], variant: 'standard', permuted: [], targetTransform: null } as const
  const channels = fitChannels(columns, { variant: 'standard' })
  const session = await sessions.get(model, 'discovery', 'discover')
  const results = await session.run({ x: cellTensor([{ state, channels, columns }]) })
  watch.lap('query')
  const logits = results['logits']!.data as Float32Array
  const probabilities = Float64Array.from(logits, (logit, i) =>
    Math.floor(i / x.columns) === i % x.columns ? 0 : 1 / (1 + Math.exp(-logit)),
  )
  if (!probabilities.every(Number.isFinite)) {
    throw new EngineError(
      'non_finite_output',
      'The model gave a value that is not a finite number for this table.',
    )
  }
  const info = { model: { id: model.id, checksum: model.checksum }, warnings, timingsMs: watch.timings }
  return { task: 'discovery', columns: x.columns, probabilities, ...info }
}
