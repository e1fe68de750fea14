/** Datasets of a project, measured through a brain that answers by a rule known beforehand. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnswerJob } from '@posterior/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chooseScorer, type EvalPlan, HELD_OUT } from './choose-scorer.ts'
import type { Score, ScoringContext } from './score.ts'
import { scoreEvals } from './score-evals.ts'
import type { StoredTable } from './stored-table.ts'

let tables: string

beforeAll(async () => {
  tables = await mkdtemp(join(tmpdir(), 'posterior-tables-'))
})
afterAll(() => rm(tables, { recursive: true, force: true }))

async function stored(csv: string, more: Partial<StoredTable> = {}): Promise<StoredTable> {
  const sha256 = createHash('sha256').update(csv).digest('hex')
  await writeFile(join(tables, sha256), csv)
  const own = { key: 'registry:own@1.0.0', sha256, format: 'csv', target: 'y', splitColumn: null } as const
  return { ...own, split: 'test', ...more }
}

type Asked = Omit<AnswerJob, 'model'>

/** A brain that says of every query row what `says` makes of it, and remembers what it was asked. */
function contextOf(
  rows: readonly [number, number],
  says: (x: readonly number[]) => number,
  asked: Asked[] = [],
) {
  const brain = {
    manifest: {
      tasks: ['classification', 'regression'],
      trainedRange: { rows, columns: [1, 4], classes: [2, 3] },
    },
    answer: async (job: Asked) => {
      asked.push(job)
      const { values, columns } = job.query
      const answers = Array.from({ length: job.query.rows }, (_, i) =>
        says([...values.subarray(i * columns, (i + 1) * columns)]),
      )
      if (job.task === 'regression') return { task: job.task, mean: answers, median: answers }
      const classes = [...new Set(job.y)].sort()
      const probabilities = answers.flatMap((own) => classes.map((label) => (label === own ? 0.9 : 0.1)))
      return { task: job.task, classes, labels: answers, probabilities }
    },
  }
  const cache = { run: new Map(), weights: new Map() }
  return { brain, tables, cache, prior: undefined, pause: async () => {} } as unknown as ScoringContext
}

const plan = (table: StoredTable, more: Partial<EvalPlan> = {}): EvalPlan => {
  return { ...HELD_OUT, slug: 'own', dataset: { name: table.key, kind: 'real' }, table, ...more }
}

const scored = async (given: EvalPlan, context: ScoringContext): Promise<Score> =>
  (await scoreEvals([given], context))[0]!.score

const LINE = `x,kind,y\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? 'odd' : 'even'},${3 * i}`).join('\n')}\n`

test('the rows of train are the context and those of test the query, measured by the metrics of the eval', async () => {
  const asked: Asked[] = []
  const context = contextOf([4, 64], ([x]) => 3 * x! + 1, asked)
  const table = await stored(LINE)
  const score = await scored(plan(table, { task: 'regression', metrics: ['RMSE', 'mae', 'ks'] }), context)
  expect(score.skipped, String(score.skipReason)).toBe(false)
  expect(score.metrics['RMSE']).toBeCloseTo(1, 9)
  expect(score.metrics['mae']).toBeCloseTo(1, 9)
  expect(score.metrics['constant_mae']).toBeGreaterThan(20)
  expect(score.metrics['linear_mae']).toBeLessThan(score.metrics['constant_mae']!)
  expect(score.meta).toMatchObject({
    ...{ scorer: 'dataset', dataset: table.key, sha256: table.sha256, target: 'y', task: 'regression' },
    ...{ draws: 1, context_rows: 30, train_rows: 30, query_rows: 10, split: 'test', not_measured: ['ks'] },
  })
  expect(asked.length).toBe(1)
  const { x, y, query } = asked[0]!
  expect([x.rows, x.columns, y.length, query.rows]).toEqual([30, 2, 30, 10])
  // No row is learned from and asked for, and targets go with their rows.
  const firsts = (rows: typeof x) =>
    Array.from({ length: rows.rows }, (_, i) => rows.values[i * rows.columns]!)
  expect(new Set([...firsts(x), ...firsts(query)]).size).toBe(40)
  expect([...y]).toEqual(firsts(x).map((value) => 3 * value))
})

test('a brain of fewer rows is asked with several draws of them, each with all classes', async () => {
  const asked: Asked[] = []
  const csv = `x,y,part\n${Array.from({ length: 60 }, (_, i) => `${i},${i === 7 ? 'c' : i % 2 ? 'b' : 'a'},${i % 5 ? 'train' : 'val'}`).join('\n')}\n`
  const table = await stored(csv, { splitColumn: 'part', split: 'val' })
  const score = await scored(
    plan(table),
    contextOf([4, 8], ([x]) => x! % 2, asked),
  )
  expect(score.metrics['accuracy']).toBeGreaterThan(0.9)
  expect(score.metrics['log_loss']).toBeGreaterThan(0)
  expect(score.metrics['constant_accuracy']).toBeLessThan(0.7)
  expect(score.meta).toMatchObject({
    draws: 8,
    context_rows: 8,
    train_rows: 48,
    split: 'val',
    query_rows: 12,
  })
  expect(asked.map(({ y }) => new Set(y).size)).toEqual(Array(8).fill(3))
})

test.each([
  ['has no split "val"; it has train, test', { split: 'val' }, {}, 40],
  ['whose rows the brain learns from', { split: 'full' }, {}, 40],
  ['is not here any more', { sha256: 'f'.repeat(64) }, {}, 40],
  ["There is no column 'z'", { target: 'z' }, {}, 40],
  ['holds a class in data row 1 that', {}, { task: 'classification' }, 40],
  ['has 3 rows to learn from, and this brain has learned 4 to 64', {}, { task: 'regression' }, 4],
] as const)('what cannot be measured says that it %s', async (reason, change, more, rows) => {
  const csv = LINE.split('\n')
    .slice(0, rows + 1)
    .join('\n')
  const table = { ...(await stored(csv)), ...change }
  const score = await scored(
    plan(table, more),
    contextOf([4, 64], () => 0),
  )
  expect(score).toMatchObject({ skipped: true, metrics: {} })
  expect(score.skipReason).toContain(reason)
})

test('a dataset that is not stored is not measured, and nothing else in its place', () => {
  const choose = (dataset: Record<string, unknown>) =>
    chooseScorer({ ...HELD_OUT, slug: 'own', task: 'regression', dataset })
  expect(choose({ name: 'registry:lost@1.0.0' })).toMatchObject({
    skipReason: expect.stringContaining('"lost@1.0.0"'),
  })
  expect(choose({ source: 'registry:lost' })).toMatchObject({ skipReason: expect.stringContaining('"lost"') })
  expect(choose({ kind: 'real' })).toMatchObject({ skipReason: expect.stringContaining('names none') })
  expect(choose({ name: 'iris' })).toMatchObject({ name: 'iris_vs_logreg' })
  expect(choose({ name: 'anything', kind: 'synthetic' })).toMatchObject({ name: 'synthetic_regression_mse' })
})
