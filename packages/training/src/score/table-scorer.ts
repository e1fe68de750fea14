/**
 * Real tables that come with Posterior (`examples/data`): many small contexts drawn from one part of the rows, answered on
 * another part, by the brain and by a linear model that is fitted on the same labelled rows.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Answer } from '@posterior/engine'
import { accuracy, Random, rmse, rocAuc } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { indicesOf } from './classification-scorer.ts'
import { leastSquares, logisticRegression } from './least-squares.ts'
import { EvalSkipped, type Metrics, remembered, type Scorer, type ScoringContext } from './score.ts'

export const TABLES = ['breast-cancer', 'diabetes', 'iris', 'wine'] as const

export type TableName = (typeof TABLES)[number]

const DRAWS = 30
const QUERY_ROWS = 32
const MOST_CONTEXT = 48
const LEAST_CONTEXT = 16
/** Of the rows of each class; the others are asked for. */
const CONTEXT_SHARE = 0.75

interface RealTable {
  readonly columns: readonly Float64Array[]
  /** Class 0, 1, ... or the target. */
  readonly y: Float64Array
  /** Names; none for a table of numbers. */
  readonly classes: readonly string[]
}

/** The eval of one table. @throws EvalSkipped when the brain has not learned such tables */
export function tableScorer(name: TableName): Scorer {
  return async (context) => {
    const table = await remembered(context.cache.run, `table ${name}`, () => readTable(name))
    const contextRows = checkFit(name, table, context)
    const draws = Array.from({ length: DRAWS }, (_, i) => drawRows(table, contextRows, i))
    const scores: Metrics[] = []
    for (const draw of draws) {
      await context.pause()
      scores.push(await scoreDraw(table, draw, context))
    }
    const names = Object.keys(scores[0]!)
    const means = names.map(
      (metric) => [metric, mean(scores.map((each) => each[metric]!).filter(isNumber))] as const,
    )
    const metrics = Object.fromEntries(means.filter(([, value]) => isNumber(value)))
    return {
      metrics: table.classes.length > 0 ? withGaps(metrics) : withRatios(metrics),
      meta: {
        table: name,
        draws: DRAWS,
        context_rows: contextRows,
        query_rows: QUERY_ROWS,
        split: `${100 * CONTEXT_SHARE} % of the rows give contexts, the others are asked for; fixed seeds`,
        sources: table.classes.length > 0 ? CLASS_SOURCES : NUMBER_SOURCES,
      },
    }
  }
}

const CLASS_SOURCES = {
  pfn_accuracy: 'the brain; mean over the draws',
  logreg_accuracy:
    'logistic regression on the same labelled rows, standardised by them, coefficients held back by 1',
  majority_accuracy: 'the most frequent class of the same labelled rows',
}

const NUMBER_SOURCES = {
  pfn_rmse: 'means of the brain, in the unit of the table; mean over the draws',
  ridge_rmse: 'ridge regression on the same labelled rows, standardised by them, weight 0.1 per row',
  mean_rmse: 'the mean of the same labelled rows',
}

const isNumber = (value: number) => Number.isFinite(value)

function withGaps(metrics: Record<string, number>): Metrics {
  const { pfn_accuracy, logreg_accuracy, pfn_auc, logreg_auc } = metrics
  return {
    ...metrics,
    accuracy_gap: logreg_accuracy! - pfn_accuracy!,
    ...(pfn_auc !== undefined && logreg_auc !== undefined && { auc_gap: logreg_auc - pfn_auc }),
  }
}

function withRatios(metrics: Record<string, number>): Metrics {
  const { pfn_rmse, ridge_rmse, mean_rmse } = metrics
  return { ...metrics, ratio_vs_ridge: pfn_rmse! / ridge_rmse!, ratio_vs_mean: pfn_rmse! / mean_rmse! }
}

/** @returns rows of one context */
function checkFit(name: TableName, { columns, classes }: RealTable, { brain }: ScoringContext): number {
  const { tasks, trainedRange } = brain.manifest
  const task = classes.length > 0 ? 'classification' : 'regression'
  const refuse = (what: string, range: readonly number[], has: number) => {
    const learned = range[0] === range[1] ? `${range[0]}` : `${range[0]} to ${range[1]}`
    throw new EvalSkipped(`The table ${name} has ${has} ${what}, and this brain has learned ${learned}.`)
  }
  if (!tasks.includes(task)) throw new EvalSkipped(`The table ${name} is ${task}, and this brain is not.`)
  const isOutside = ([least, most]: readonly [number, number], has: number) => has < least || has > most
  if (isOutside(trainedRange.columns, columns.length)) refuse('columns', trainedRange.columns, columns.length)
  if (classes.length > 0 && isOutside(trainedRange.classes, classes.length)) {
    refuse('classes', trainedRange.classes, classes.length)
  }
  const rows = Math.min(MOST_CONTEXT, trainedRange.rows[1])
  if (rows < LEAST_CONTEXT) refuse('rows in a context', trainedRange.rows, LEAST_CONTEXT)
  return rows
}

interface Draw {
  readonly context: readonly number[]
  readonly query: readonly number[]
}

/** Rows of draw `i`; contexts and queries come from parts of the table that never meet, in the table's shares of classes. */
function drawRows(table: RealTable, contextRows: number, i: number): Draw {
  const split = Random.fromSeed('eval table', 'split')
  const [inContext, asked]: [number[], number[]] = [[], []]
  for (const rows of strataOf(table)) {
    const shuffled = split.shuffle([...rows])
    const cut = Math.round(CONTEXT_SHARE * rows.length)
    inContext.push(...shuffled.slice(0, cut))
    asked.push(...shuffled.slice(cut))
  }
  const random = Random.fromSeed('eval table', 'draw', i)
  const context = random.shuffle(inContext).slice(0, contextRows)
  const missing = strataOf(table).filter((rows) => !context.some((row) => rows.includes(row)))
  // Each class that is asked for has a labelled row.
  for (const [k, rows] of missing.entries()) context[k] = inContext.find((row) => rows.includes(row))!
  return { context, query: random.shuffle(asked).slice(0, QUERY_ROWS) }
}

/** Rows of each class; all rows of a table of numbers. */
function strataOf({ y, classes }: RealTable): number[][] {
  const rows = Array.from(y, (_, row) => row)
  return classes.length === 0 ? [rows] : classes.map((_, k) => rows.filter((row) => y[row] === k))
}

async function scoreDraw(
  table: RealTable,
  { context, query }: Draw,
  { brain }: ScoringContext,
): Promise<Metrics> {
  const task = table.classes.length > 0 ? 'classification' : 'regression'
  const y = take(table.y, context)
  const truth = take(table.y, query)
  const answer = await brain.answer({ task, x: rowsOf(table, context), y, query: rowsOf(table, query) })
  const columns = table.columns.map((column) => take(column, [...context, ...query]))
  if (answer.task === 'classification')
    return classScores(table.classes.length, { answer, columns, y, truth })
  return {
    pfn_rmse: rmse(truth, answer.mean),
    ridge_rmse: rmse(truth, leastSquares(columns, y, context.length, 0.1)),
    mean_rmse: rmse(
      truth,
      truth.map(() => mean([...y])),
    ),
  }
}

function classScores(
  classes: number,
  {
    answer,
    columns,
    y,
    truth,
  }: {
    answer: Extract<Answer, { task: 'classification' }>
    columns: readonly Float64Array[]
    y: Float64Array
    truth: Float64Array
  },
): Metrics {
  const labels = indicesOf(truth, answer.classes)
  const linear = logisticRegression(columns, y, { train: y.length, classes })
  const counts = Array.from({ length: classes }, (_, k) => y.filter((label) => label === k).length)
  const majority = counts.indexOf(Math.max(...counts))
  return {
    pfn_accuracy: accuracy(labels, answer.probabilities, answer.classes.length),
    pfn_auc: rocAuc(labels, answer.probabilities, answer.classes.length),
    logreg_accuracy: accuracy(truth, linear, classes),
    logreg_auc: rocAuc(truth, linear, classes),
    majority_accuracy: mean(Array.from(truth, (label) => (label === majority ? 1 : 0))),
  }
}

function take(values: Float64Array, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!)
}

function rowsOf({ columns }: RealTable, rows: readonly number[]) {
  const values = Float64Array.from(rows.flatMap((row) => columns.map((column) => column[row]!)))
  return { rows: rows.length, columns: columns.length, values }
}

/** Both files of a table, whose cells are plain numbers and, in the last column, plain words or numbers. */
async function readTable(name: TableName): Promise<RealTable> {
  const rows: string[][] = []
  for (const part of ['train', 'test']) {
    const path = fileURLToPath(new URL(`../../../../examples/data/${name}-${part}.csv`, import.meta.url))
    const text = await readFile(path, 'utf8').catch(() => {
      throw new EvalSkipped(`The table ${name} is not installed here (examples/data).`)
    })
    rows.push(
      ...text
        .trimEnd()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(',')),
    )
  }
  const width = rows[0]!.length - 1
  const columns = Array.from({ length: width }, (_, j) => Float64Array.from(rows, (row) => Number(row[j])))
  const targets = rows.map((row) => row[width]!)
  const isNumbers = targets.every((target) => target !== '' && Number.isFinite(Number(target)))
  const classes = isNumbers ? [] : [...new Set(targets)].sort()
  const y = Float64Array.from(targets, (target) => (isNumbers ? Number(target) : classes.indexOf(target)))
  return { columns, y, classes }
}
