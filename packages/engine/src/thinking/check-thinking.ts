/** What can be said about a fit with thinking before any model runs. */
import { CLASS_SLOTS } from '@posterior/model'
import { type Column, fitTarget, type Table } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { resolveOptions } from '../options.ts'
import { planContext } from '../predictor/learn-context.ts'
import { isConstant } from '../predictor/learn-state.ts'
import { keptWidth } from './measure-fold.ts'
import type { CheckResult, ThinkingFitJob } from './think.ts'
import { DEFAULT_THINKING_ROWS } from './thinking-job.ts'
import { thinkingMetric } from './thinking-metric.ts'

/** Share of a fit's memory that the predictions of all candidates may take while one is chosen. */
const LIBRARY_SHARE = 0.25

export interface CheckInput {
  readonly data: { readonly x: Table; readonly y: Column }
  readonly model: ModelInfo
  readonly maxClasses: number
  readonly maxFitBytes: number
}

/**
 * Refuse what cannot be searched or fitted.
 *
 * @returns what the candidates depend on; none of them when the target never varies
 * @throws EngineError invalid_options (too few rows, metric, seconds, lists of rows), beyond_model_limits, too_large_for_memory
 * @throws TableError when features or target cannot be used
 */
export function checkThinking(job: ThinkingFitJob, input: CheckInput): CheckResult {
  const { data, maxFitBytes } = input
  const { seconds, minRows = DEFAULT_THINKING_ROWS } = job.thinking
  if (!(seconds > 0))
    throw refused('thinkingSeconds', `Thinking needs a time above 0 seconds; got ${seconds}.`)
  const maxClasses = Math.min(input.maxClasses, CLASS_SLOTS)
  const target = fitTarget(data.y, job.task, { maxClasses })
  thinkingMetric(job.thinking.metric, target)
  const rows = data.x.rowCount
  if (rows < minRows) {
    throw refused(
      'thinking',
      `Thinking needs at least ${minRows} training rows; this table has ${rows}. Fit it without thinking.`,
    )
  }
  const rowSample = job.options?.ensemble?.rowSample
  if (rowSample && 'rows' in rowSample) {
    const message =
      'Thinking trains on parts of the rows: lists of rows do not go with it. Name a number or a share.'
    throw refused('ensemble.rowSample', message)
  }
  const { state, columns } = planContext({
    ...input,
    task: job.task,
    options: resolveOptions(job.task, job.options, rows),
  })
  const traits = {
    task: job.task,
    rows,
    columns: columns.length - (state.ridge?.weights.length ?? 0),
    categoricalColumns: columns.filter(({ categorical }) => categorical).length,
    hasRidge: state.ridge !== undefined,
  }
  if (isConstant(target)) return { ...traits, maxCandidates: 0 }
  const bytesEach = rows * keptWidth(target) * Float64Array.BYTES_PER_ELEMENT
  return { ...traits, maxCandidates: Math.max(1, Math.floor((LIBRARY_SHARE * maxFitBytes) / bytesEach)) }
}

function refused(option: string, message: string): EngineError {
  return new EngineError('invalid_options', message, { details: { option } })
}
