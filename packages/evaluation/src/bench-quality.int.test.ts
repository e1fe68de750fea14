import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeCsv } from '@posterior/tabular'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTable, saveTinyModel } from '../../../tests/support/tiny-model.ts'
import { type BenchQualityOptions, benchQuality } from './bench-quality.ts'
import type { BaselineResult } from './data/baselines.ts'
import type { DatasetInfo } from './data/datasets.ts'
import { priorLogLoss, priorRmse } from './data/prior-baseline.ts'
import { datasetSplit } from './data/splits.ts'
import type { SplitEvent } from './run/run-splits.ts'

const ROWS = 60
const SIZES = { train: 40, test: 20 }
const SEEDS = [0, 1]

let root: string
let options: BenchQualityOptions

/** Two classification tables and a regression table with stored results; those of the prior are wrong for `two`. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'posterior-quality-'))
  await saveTinyModel(join(root, 'models'))
  const datasets: DatasetInfo[] = []
  const results: BaselineResult[] = []
  for (const [i, name] of ['one', 'two', 'number'].entries()) {
    const { x, label, number } = makeTable(ROWS, i)
    const isClass = name !== 'number'
    const target = isClass ? label : number
    const table = { rowCount: ROWS, columns: [...x.columns, { ...target.columns[0]!, name: 'target' }] }
    writeFileSync(join(root, `${name}.csv.gz`), gzipSync(writeCsv(table)))
    datasets.push({
      name,
      file: `${name}.csv.gz`,
      task: isClass ? 'classification' : 'regression',
      rows: ROWS,
      features: 4,
      categorical_columns: ['c'],
      n_classes: isClass ? 3 : null,
      missing_fraction: 0.05,
      splits: SEEDS.map((seed) => ({ seed, ...SIZES })),
    })
    const column = target.columns[0]!
    for (const seed of SEEDS) {
      const labels = column.kind === 'string' ? Array.from(column.codes, (code) => column.levels[code]!) : []
      const split = datasetSplit(isClass ? labels : ROWS, SIZES, seed)
      const prior = isClass
        ? { logloss: priorLogLoss(labels, split) + (name === 'two' ? 0.1 : 0) }
        : { rmse: column.kind === 'number' ? priorRmse(column.values, split) : 0 }
      results.push({ dataset: name, model: 'prior', seed, auc: 0.5, r2: 0, ...prior })
      results.push({ dataset: name, model: 'rf', seed, auc: 0.9, logloss: 0.1, r2: 0.9, rmse: 1 })
    }
  }
  writeFileSync(join(root, 'index.json'), JSON.stringify({ datasets }))
  writeFileSync(join(root, 'baselines.json.gz'), gzipSync(JSON.stringify({ results })))
  options = {
    model: 'tiny',
    modelsDir: join(root, 'models'),
    dataDir: root,
    baselinesDir: undefined,
    sets: 'all',
    seeds: SEEDS,
    outDir: join(root, 'out'),
    jobs: 2,
    threads: 1,
    estimators: 1,
  }
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function bench(changes: Partial<BenchQualityOptions> = {}) {
  const events: SplitEvent[] = []
  const outcome = await benchQuality({ ...options, ...changes, onSplit: (event) => events.push(event) })
  return { ...outcome, events }
}

test('a model is judged on every split, and a later run does what is left', async () => {
  const first = await bench()
  expect(first.failed).toBe(0)
  expect(first.events.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6])
  expect(first.report.splits).toMatchObject({ done: 6, verified: 4 })
  expect([...first.report.splits.refuted].sort()).toEqual(['two, seed 0', 'two, seed 1'])
  expect(first.report.overall!.datasets).toBe(3)
  expect(first.report.overall!.leaderboard.map(({ method }) => method).sort()).toEqual([
    'prior',
    'rf',
    'tiny',
  ])
  expect(first.report.extras['coverage90']).toBeGreaterThanOrEqual(first.report.extras['coverage80']!)
  for (const file of first.files) expect(existsSync(file), file).toBe(true)
  const page = readFileSync(join(options.outDir, 'report.md'), 'utf8')
  expect(page).toContain('# Quality of tiny 1.0.0')
  expect(page).toContain('| one (40 x 4) |')

  const again = await bench()
  expect(again.events).toEqual([])
  expect(again.report).toEqual(first.report)

  const path = join(options.outDir, 'results.jsonl')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, [...lines.slice(0, 5), lines[5]!.slice(0, 20)].join('\n'))
  const rest = await bench()
  expect(rest.events.map(({ done, total }) => [done, total])).toEqual([
    [5, 6],
    [6, 6],
  ])
  // The same splits give the same figures, whatever ran beside them.
  expect(rest.report.metrics.map(({ rows }) => rows)).toEqual(first.report.metrics.map(({ rows }) => rows))
})

test('other settings do not mix with results that are there', async () => {
  await expect(bench({ estimators: 2 })).rejects.toThrow('holds results of another run')
})

test('the folder of a checkpoint is a model too, and a limit of rows leaves the stored results out', async () => {
  const { report } = await bench({
    model: join(options.modelsDir, 'tiny'),
    sets: 'one',
    seeds: [0],
    trainRows: 30,
    outDir: join(root, 'limited'),
  })
  expect(report.run).toMatchObject({ model: 'tiny', trainRows: 30 })
  expect(report.metrics[0]!.rows).toMatchObject([{ dataset: 'one', trainRows: 30 }])
  expect(report.metrics[0]!.methods).toEqual(['tiny'])
})

test('ridge columns can be asked for, and then the report says so', async () => {
  const asked = { sets: 'one', seeds: [0], ridgeColumns: true, outDir: join(root, 'ridge') }
  const { report } = await bench(asked)
  const plain = await bench({ ...asked, ridgeColumns: false, outDir: join(root, 'no-ridge') })
  expect(report.metrics.map(({ rows }) => rows)).not.toEqual(plain.report.metrics.map(({ rows }) => rows))
  expect(readFileSync(join(root, 'ridge', 'report.md'), 'utf8')).toContain(
    '1 ensemble member, with ridge columns,',
  )
  expect(readFileSync(join(root, 'no-ridge', 'report.md'), 'utf8')).toContain('without ridge columns,')
})

test('a split that fails is told and tried again by the next run', async () => {
  const outDir = join(root, 'failing')
  const { failed, events, report } = await bench({ sets: 'one', seeds: [0, 7], outDir })
  expect(failed).toBe(1)
  expect(events.find(({ error }) => error)).toMatchObject({
    seed: 7,
    error: { message: 'one has no split with seed 7; the index has 0, 1.' },
  })
  expect(report.splits.done).toBe(1)
})

test('the summary goes between the marks of a card', async () => {
  const card = join(root, 'card.md')
  const marks = [
    '<!-- quality: begin, written by posterior bench quality --card -->',
    '<!-- quality: end -->',
  ]
  writeFileSync(card, `before\n\n${marks[0]}\nstale\n${marks[1]}\n\nafter\n`)
  await bench({ card })
  const text = readFileSync(card, 'utf8')
  expect(text).toMatch(/^before\n\n<!-- quality: begin.*\| tiny \|.*quality: end -->\n\nafter\n$/s)
  expect(text).not.toContain('stale')
  await bench({ card })
  expect(readFileSync(card, 'utf8')).toBe(text)
  writeFileSync(card, 'no marks')
  await expect(bench({ card })).rejects.toThrow('Expected the lines')
})

test('a model that is not there is named with those that are', async () => {
  await expect(bench({ model: 'none' })).rejects.toThrow("There is no model 'none'")
})

test('a run that is stopped keeps what it has', async () => {
  const stop = new AbortController()
  const outDir = join(root, 'stopped')
  const run = benchQuality({
    ...options,
    outDir,
    jobs: 1,
    signal: stop.signal,
    onSplit: () => stop.abort(new Error('stopped')),
  })
  await expect(run).rejects.toThrow('stopped')
  expect(readFileSync(join(outDir, 'results.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2)
  const { events } = await bench({ outDir })
  expect(events).toHaveLength(5)
})
