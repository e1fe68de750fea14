/**
 * Datasets of a project: the brain learns from rows of the split `train` as its context and answers those of the split that
 * the eval names, beside a linear model and a constant that are fitted on the same rows.
 */
import { findMetric, type Metric, Random, type Task } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { indicesOf } from './classification-scorer.ts'
import { leastSquares, logisticRegression } from './least-squares.ts'
import { EvalSkipped, type Metrics, remembered, type Scorer, type ScoringContext } from './score.ts'
import { type NumberTable, readStoredTable, type StoredTable } from './stored-table.ts'

/** Contexts that are drawn where `train` has more rows than the brain has learned to read. */
const DRAWS = 8
/** Most rows that are asked for, of one context. */
const MOST_ASKED = 512
/** Weight of the squared coefficients of the ridge regression, per row. */
const RIDGE = 0.1

/** What is measured of one state of the weights on one dataset. */
export interface StoredTableOrder {
  readonly table: StoredTable
  readonly task: string
  /** Names that the eval gives; without any the usual ones of the task. */
  readonly metrics: readonly string[]
}

/** @throws EvalSkipped when the brain has not learned such tables, or the table is not here */
export function storedTableScorer({ table: stored, task, metrics }: StoredTableOrder): Scorer {
  const { key, sha256, split, target } = stored
  return async (context) => {
    const table = await remembered(context.cache.run, `dataset ${key} ${split} ${task}`, () =>
      readStoredTable(stored, context.tables, task),
    )
    const contextRows = checkFit(key, table, context)
    const isWhole = contextRows === table.train.length
    const asked = askedRows(table)
    const draws = isWhole ? 1 : DRAWS
    const scores: Metrics[] = []
    for (let i = 0; i < draws; i++) {
      await context.pause()
      const rows = isWhole ? table.train : drawContext(table, contextRows, i)
      scores.push(await scoreDraw(table, { context: rows, asked }, { context, metrics }))
    }
    const names = [...new Set(scores.flatMap(Object.keys))]
    return {
      metrics: Object.fromEntries(
        names.map((name) => [name, mean(scores.map((each) => each[name]).filter(isNumber))]),
      ),
      meta: {
        dataset: key,
        ...{ sha256, target, task: table.task, draws },
        context_rows: contextRows,
        train_rows: table.train.length,
        split,
        query_rows: asked.length,
        split_rows: table.asked.length,
        sources: {
          METRIC: `the brain, on rows of "${split}" with ${isWhole ? 'all' : 'draws of the'} rows of "train" as context`,
          linear_METRIC:
            table.classes > 0
              ? 'logistic regression on the same rows, standardised by them, coefficients held back by 1'
              : `ridge regression on the same rows, standardised by them, weight ${RIDGE} per row`,
          constant_METRIC: `the ${table.classes > 0 ? 'shares of the classes' : 'mean'} of the same rows`,
        },
      },
    }
  }
}

const isNumber = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value)

/** @returns rows of one context */
function checkFit(
  key: string,
  { task, columns, classes, train }: NumberTable,
  { brain }: ScoringContext,
): number {
  const { tasks, trainedRange } = brain.manifest
  if (!tasks.includes(task)) throw new EvalSkipped(`${key} is ${task}, and this brain is not.`)
  const check = (what: string, [least, most]: readonly [number, number], has: number) => {
    if (has >= least && has <= most) return
    const learned = least === most ? `${least}` : `${least} to ${most}`
    throw new EvalSkipped(`${key} has ${has} ${what}, and this brain has learned ${learned}.`)
  }
  check('columns', trainedRange.columns, columns.length)
  if (classes > 0) check('classes', trainedRange.classes, classes)
  if (train.length < trainedRange.rows[0]) check('rows to learn from', trainedRange.rows, train.length)
  return Math.min(train.length, trainedRange.rows[1])
}

function askedRows({ asked }: NumberTable): readonly number[] {
  if (asked.length <= MOST_ASKED) return asked
  return Random.fromSeed('dataset', 'asked')
    .shuffle([...asked])
    .slice(0, MOST_ASKED)
}

/** Rows of context `i`, with at least one of each class. */
function drawContext({ train, y, classes }: NumberTable, count: number, i: number): number[] {
  if (classes > count) {
    throw new EvalSkipped(
      `It has ${classes} classes, more than the ${count} rows that this brain learns from at a time.`,
    )
  }
  const shuffled = Random.fromSeed('dataset', 'draw', i).shuffle([...train])
  const first = Array.from({ length: classes }, (_, k) => shuffled.find((row) => y[row] === k)!)
  return [...first, ...shuffled.filter((row) => !first.includes(row))].slice(0, count)
}

interface Draw {
  readonly context: readonly number[]
  readonly asked: readonly number[]
}

async function scoreDraw(
  table: NumberTable,
  draw: Draw,
  { context, metrics }: { context: ScoringContext; metrics: readonly string[] },
): Promise<Metrics> {
  const y = take(table.y, draw.context)
  const truth = take(table.y, draw.asked)
  const { task } = table
  const job = { task, x: rowsOf(table, draw.context), y, query: rowsOf(table, draw.asked) }
  const answer = await context.brain.answer(job)
  const columns = imputed(table, draw)
  if (answer.task === 'classification') {
    const { classes } = table
    const labels = indicesOf(truth, answer.classes)
    const shares = Float64Array.from({ length: classes }, (_, k) =>
      mean(Array.from(y, (own) => (own === k ? 1 : 0))),
    )
    return scoresOf(chosen(metrics, task, classes), {
      '': { labels, probabilities: answer.probabilities, classes: answer.classes.length },
      linear_: {
        labels: truth,
        probabilities: logisticRegression(columns, y, { train: y.length, classes }),
        classes,
      },
      constant_: { labels: truth, probabilities: repeated(shares, truth.length), classes },
    })
  }
  const linear = leastSquares(columns, y, y.length, RIDGE)
  const constant = truth.map(() => mean([...y]))
  return scoresOf(chosen(metrics, task, 0), {
    '': { truth, mean: answer.mean, median: answer.median },
    linear_: { truth, mean: linear, median: linear },
    constant_: { truth, mean: constant, median: constant },
  })
}

type Answered =
  | { labels: ArrayLike<number>; probabilities: ArrayLike<number>; classes: number }
  | { truth: ArrayLike<number>; mean: ArrayLike<number>; median: ArrayLike<number> }

/** Every metric of every answer, by name with a prefix; those that are not defined are left out. */
function scoresOf(
  metrics: readonly (readonly [name: string, metric: Metric])[],
  answers: Readonly<Record<string, Answered>>,
): Metrics {
  const scores: Record<string, number> = {}
  for (const [prefix, answer] of Object.entries(answers)) {
    for (const [name, metric] of metrics) {
      const value =
        metric.kind === 'classes' && 'labels' in answer
          ? metric.score(answer.labels, answer.probabilities, answer.classes)
          : metric.kind === 'numbers' && 'truth' in answer
            ? metric.score(answer.truth, answer[metric.point])
            : Number.NaN
      if (Number.isFinite(value)) scores[prefix + name] = value
    }
  }
  return scores
}

const USUAL: Readonly<Record<Task, readonly string[]>> = {
  classification: ['accuracy', 'log_loss', 'roc_auc'],
  regression: ['rmse', 'mae', 'r2'],
}

/** The metrics that are wanted and are for this problem, under the names that the eval gives them; the usual ones for none. */
function chosen(wanted: readonly string[], task: Task, classes: number): (readonly [string, Metric])[] {
  const problem = task === 'regression' ? 'regression' : classes === 2 ? 'binary' : 'multiclass'
  const known = (names: readonly string[]) =>
    names.flatMap((name) => {
      const metric = findMetric(name.toLowerCase())
      return metric?.problems.includes(problem) ? [[name, metric] as const] : []
    })
  const own = known(wanted)
  return own.length > 0 ? own : known(USUAL[task])
}

function repeated(row: Float64Array, times: number): Float64Array {
  const all = new Float64Array(row.length * times)
  for (let i = 0; i < times; i++) all.set(row, i * row.length)
  return all
}

function take(values: Float64Array, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!)
}

function rowsOf({ columns }: NumberTable, rows: readonly number[]) {
  const values = Float64Array.from(rows.flatMap((row) => columns.map((column) => column[row]!)))
  return { rows: rows.length, columns: columns.length, values }
}

/** Columns of context and asked rows for the linear model: what is missing is the mean of the context. */
function imputed({ columns }: NumberTable, { context, asked }: Draw): Float64Array[] {
  return columns.map((column) => {
    const known = context.map((row) => column[row]!).filter(Number.isFinite)
    const fill = known.length > 0 ? mean(known) : 0
    return take(column, [...context, ...asked]).map((value) => (Number.isFinite(value) ? value : fill))
  })
}
