/** Answers to query rows from labelled rows, in one go. Query rows never see each other. */
import { type RegressionTargetState, TableError } from '@posterior/tabular'
import { EngineError } from '../errors.ts'
import type { ResolvedOptions } from '../job.ts'
import { checkLevels, resolveOptions } from '../options.ts'
import { makeBorders } from '../output/bar-distribution.ts'
import { ClassAnswer } from '../predictor/class-answer.ts'
import type { ModelRunner, RunOptions } from '../predictor/model-runner.ts'
import { answerBorders, NumberAnswer, type NumberValues } from '../predictor/number-answer.ts'
import { Stopwatch } from '../predictor/stopwatch.ts'
import type {
  Answer,
  AnswerAsked,
  AnswerJob,
  ClassesAnswer,
  ModelChoice,
  NumberRows,
  NumbersAnswer,
} from './answer-job.ts'
import { columnsOf, type LearnRows, learnRows } from './learn-rows.ts'

/** The model of a job, and what one job may take. */
export interface AnswerMeans {
  readonly runner: ModelRunner
  readonly model: LearnRows['model']
  readonly maxBytes: number
  /** Rows that may be asked for with bars. */
  readonly maxFullRows: number
}

/** Of classes, where a few rows say much about one another: a brain's loss falls by some percent (docs/reference/brains.md). */
const MEMBERS_OF_SMALL = 4
/** Most labelled cells of such a context: there four members cost some milliseconds. */
const MOST_SMALL_CELLS = 2048

/**
 * Members of an answer that names none. They depend on the context alone, so that a row is answered alike alone and
 * among others.
 */
export function defaultMembers(task: AnswerJob['task'], { rows, columns }: NumberRows): number {
  return task === 'classification' && rows * columns <= MOST_SMALL_CELLS ? MEMBERS_OF_SMALL : 1
}

/**
 * Options of an answer. A model from a folder was trained for such rows as it gets: its probabilities are not sharpened,
 * and as its members are each calibrated, their logits are averaged, which keeps them as sure as they are.
 *
 * @param members  of the ensemble, when none are asked for
 * @throws EngineError invalid_options
 */
export function answerOptions(
  task: AnswerJob['task'],
  model: ModelChoice,
  { options = {} }: AnswerAsked,
  members = 1,
): ResolvedOptions {
  const plain = 'folder' in model ? { softmaxTemperature: 1, averageBeforeSoftmax: true } : {}
  return resolveOptions(task, { estimators: members, ...plain, ...options })
}

/** @throws EngineError | TableError as their codes say */
export async function answerRows(means: AnswerMeans, job: AnswerJob, run: RunOptions): Promise<Answer> {
  const watch = new Stopwatch()
  const options = answerOptions(job.task, job.model, job, defaultMembers(job.task, job.x))
  const levels = checkLevels(job.levels)
  const { x, y, query } = job
  if (query.rows === 0) throw new TableError('no_rows', 'query.x has no rows. Send at least one.')
  if (query.columns !== x.columns) {
    throw new TableError('wrong_columns', `context.x has ${x.columns} columns, query.x has ${query.columns}.`)
  }
  if (job.withBars) checkBarRows(query.rows, means.maxFullRows)
  const { runner, model, maxBytes } = means
  const { target, context, warnings } = await learnRows(
    runner,
    { model, task: job.task, x, y, options, maxBytes },
    run,
  )
  watch.lap('context')
  const info = () => ({
    model: { id: model.id, checksum: model.checksum },
    warnings,
    timingsMs: watch.timings,
  })
  const { members } = context.state
  const columns = columnsOf(query, 'query.x')
  if (target.task === 'classification') {
    const answer = new ClassAnswer(target, options, query.rows)
    const slots = members.map((member) => member.slots)
    await runner.query(model, context, columns, run, (firstRow, outputs) =>
      answer.add(firstRow, outputs, slots),
    )
    watch.lap('query')
    return { ...info(), ...classesOf(answer) }
  }
  const answer = numberAnswer(target, { levels, options, rows: query.rows, y: job.withBars ? y : null })
  if (members.length === 0) answer.fillConstant()
  else {
    const transforms = members.map(() => null)
    await runner.query(model, context, columns, run, (firstRow, outputs) =>
      answer.add(firstRow, outputs, transforms),
    )
  }
  watch.lap('query')
  return { ...info(), ...numbersOf(answer.values()) }
}

/** @throws EngineError too_many_output_values */
export function checkBarRows(rows: number, most: number): void {
  if (rows <= most) return
  throw new EngineError(
    'too_many_output_values',
    `Whole distributions are limited to ${most} rows, this query has ${rows}. Split it, or ask for quantiles.`,
    { details: { rows, maxRows: most } },
  )
}

/** @param y targets of the context when bars are wanted, else null */
export function numberAnswer(
  target: RegressionTargetState,
  {
    levels,
    options,
    rows,
    y,
  }: { levels: readonly number[]; options: ResolvedOptions; rows: number; y: Float64Array | null },
): NumberAnswer {
  const output = y ? 'full' : 'main'
  const borders = answerBorders(target, y && target.scale > 0 ? Array.from(makeBorders(y)) : [])
  return new NumberAnswer(target, { output, levels, borders, settings: options }, rows)
}

type Values<A> = Omit<A, 'model' | 'warnings' | 'timingsMs'>

export function numbersOf(values: NumberValues): Values<NumbersAnswer> {
  if (values.output !== 'main' && values.output !== 'full') throw new Error('Answers hold all numbers.')
  const { mean, median, levels, quantiles } = values
  const bars = values.output === 'full' ? { bars: { borders: values.borders, logits: values.logits } } : {}
  return { task: 'regression', mean, median, levels, quantiles, ...bars }
}

function classesOf(answer: ClassAnswer): Values<ClassesAnswer> {
  const { classes, probabilities } = answer.probabilities()
  const { labels } = answer.labels()
  return {
    task: 'classification',
    classes: classes as readonly number[],
    labels: labels as readonly number[],
    probabilities,
  }
}
