/** The `posterior` command as users run it: a process, files in, files and exit codes out. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ROOT, runPosterior } from '../support/run-command.ts'
import { tempDir } from '../support/temp-dir.ts'

const DATA = join(ROOT, 'examples/data')
const IRIS = [
  '--train',
  join(DATA, 'iris-train.csv'),
  '--test',
  join(DATA, 'iris-test.csv'),
  '--target',
  'species',
]
const DIABETES = [
  ...['--train', join(DATA, 'diabetes-train.csv'), '--test', join(DATA, 'diabetes-test.csv')],
  ...['--target', 'progression', '--task', 'regression'],
]

function parse(csv: string): { header: string[]; rows: string[][] } {
  const [header, ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.replace('\r', '').split(','))
  return { header: header!, rows }
}

function column(path: string, name: string): string[] {
  const { header, rows } = parse(readFileSync(path, 'utf8'))
  return rows.map((row) => row[header.indexOf(name)]!)
}

test('a classification writes predictions and probabilities in class order, one row per test row', async () => {
  const { code, stdout, stderr } = await runPosterior(['predict', ...IRIS])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const { header, rows } = parse(stdout)
  expect(header).toEqual([
    'prediction',
    'probability_setosa',
    'probability_versicolor',
    'probability_virginica',
  ])
  const truth = column(join(DATA, 'iris-test.csv'), 'species')
  expect(rows).toHaveLength(truth.length)
  for (const [prediction, ...cells] of rows) {
    const probabilities = cells.map(Number)
    const sum = probabilities.reduce((total, value) => total + value, 0)
    expect(Math.abs(sum - 1)).toBeLessThan(1e-5)
    const best = probabilities.indexOf(Math.max(...probabilities))
    expect(header[best + 1]).toBe(`probability_${prediction}`)
  }
  const right = rows.filter(([prediction], i) => prediction === truth[i]).length
  expect(right / rows.length).toBeGreaterThan(0.8)
  expect(stderr).toMatch(/Task: classification, because 'species' holds text/)
  expect(stderr).toMatch(/accuracy 0\.\d+/)
  expect(stderr).not.toContain('\x1b')
})

test('a regression writes mean, median, mode and increasing quantiles that depend on the features', async () => {
  const out = join(tempDir(), 'answer.csv')
  const { code, stdout, stderr } = await runPosterior(['predict', ...DIABETES, '--out', out])
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: '' })
  const { header, rows } = parse(readFileSync(out, 'utf8'))
  const levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
  expect(header).toEqual(['prediction', 'median', 'mode', ...levels.map((level) => `quantile_${level}`)])
  for (const row of rows) {
    const quantiles = row.slice(3).map(Number)
    expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b))
    expect(Number(row[1])).toBeCloseTo(quantiles[4]!, 3)
  }
  const truth = column(join(DATA, 'diabetes-test.csv'), 'progression').map(Number)
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length
  const errors = rows.reduce((sum, row, i) => sum + (Number(row[0]) - truth[i]!) ** 2, 0)
  const spread = truth.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  expect(1 - errors / spread).toBeGreaterThan(0.2)
})

test('the same command gives the same bytes, and another seed other ones', async () => {
  const first = await runPosterior(['predict', ...IRIS, '--estimators', '2'])
  const second = await runPosterior(['predict', ...IRIS, '--estimators', '2'])
  const other = await runPosterior(['predict', ...IRIS, '--estimators', '2', '--seed', '1'])
  expect(first.code).toBe(0)
  expect(second.stdout).toBe(first.stdout)
  expect(other.code).toBe(0)
  expect(other.stdout).not.toBe(first.stdout)
})

test('the target in the test table changes nothing but the scores', async () => {
  const unlabelled = join(tempDir(), 'test.csv')
  const lines = readFileSync(join(DATA, 'iris-test.csv'), 'utf8').trimEnd().split('\n')
  writeFileSync(unlabelled, lines.map((line) => line.slice(0, line.lastIndexOf(','))).join('\n'))
  const labelled = await runPosterior(['predict', ...IRIS])
  const bare = await runPosterior([
    'predict',
    ...IRIS.slice(0, 2),
    '--test',
    unlabelled,
    '--target',
    'species',
  ])
  expect(bare.code).toBe(0)
  expect(bare.stdout).toBe(labelled.stdout)
  expect(bare.stderr).not.toMatch(/accuracy/)
})

test('a Parquet file is written and read like a CSV file', async () => {
  const folder = tempDir()
  const out = join(folder, 'answer.parquet')
  const written = await runPosterior(['predict', ...IRIS, '--out', out])
  expect({ ...written, stdout: '' }).toMatchObject({ code: 0 })
  expect(readFileSync(out).subarray(0, 4).toString()).toBe('PAR1')
  const read = await runPosterior([
    'predict',
    ...['--train', out, '--test', out, '--target', 'prediction', '--output', 'preds', '--estimators', '1'],
  ])
  expect({ code: read.code, stderr: read.stderr }).toMatchObject({ code: 0 })
  expect(parse(read.stdout).header).toEqual(['prediction'])
})

test.each([
  [['predcit'], 2, "Unknown command 'predcit'. Did you mean 'predict'?"],
  [['predict', '--trian', 'x'], 2, 'Unknown option --trian. Did you mean --train?'],
  [['predict', '--train', 'a.csv'], 2, 'posterior predict needs --test.'],
  [['predict', ...IRIS, '--estimators', '0'], 2, "--estimators is a whole number from 1 to 32; got '0'."],
  [['predict', ...IRIS, '--output', 'mean'], 2, '--output mean does not go with classification'],
  [['predict', ...IRIS, '--task', 'regression'], 1, 'species'],
  [
    ['predict', ...IRIS.slice(0, 4), '--target', 'kind'],
    1,
    "There is no column 'kind'. The columns are 'sepal_length'",
  ],
  [['predict', '--train', 'none.csv', ...IRIS.slice(2)], 1, 'There is no file none.csv.'],
  [['predict', '--train', 'README.md', ...IRIS.slice(2)], 1, 'Expected a file ending in .csv or .parquet'],
  [['predict', ...IRIS, '--out', 'nowhere/out.csv'], 1, 'Could not write nowhere/out.csv (ENOENT)'],
  [['predict', ...IRIS, '--model', 'giant'], 1, 'giant'],
  [['predict', ...IRIS, '--categorical', 'petals'], 1, "--categorical names 'petals'"],
  [['models', 'giant'], 1, "There is no model 'giant'"],
  [['train', '--out', 'x', '--resume'], 1, 'There is no run in x to resume'],
  [['bench', 'speed', '--model', 'nano', '--data', 'x'], 2, "posterior bench measures quality; got 'speed'"],
  [
    ['bench', 'quality', '--model', 'nano', '--data', 'x', '--seeds', '0,a'],
    2,
    '--seeds takes whole numbers',
  ],
  [['bench', 'quality', '--model', 'nano', '--data', 'nowhere'], 1, 'index.json is missing there'],
  [['train', '--out', 'x', '--steps', '1', '--minutes', '1'], 2, 'Give --steps or --minutes, not both.'],
])('posterior %j fails with exit code %d and says why', async (args, expected, message) => {
  const { code, stdout, stderr } = await runPosterior(args)
  expect({ code, stdout, stderr }).toMatchObject({ code: expected, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).not.toMatch(/\n {4}at /)
})

test('bench quality judges a model on a folder of tables and writes a report', async () => {
  const folder = tempDir()
  const table = readFileSync(join(DATA, 'iris-train.csv'), 'utf8').replace(/species$/m, 'target')
  writeFileSync(join(folder, 'iris.csv.gz'), gzipSync(table))
  const dataset = {
    ...{ name: 'iris', file: 'iris.csv.gz', task: 'classification', features: 4, n_classes: 3 },
    ...{ rows: table.trimEnd().split('\n').length - 1, categorical_columns: [], missing_fraction: 0 },
    splits: [{ seed: 0, train: 60, test: 30 }],
  }
  const results = [{ dataset: 'iris', model: 'rf', seed: 0, auc: 0.5, logloss: 1, accuracy: 0.3 }]
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ datasets: [dataset] }))
  writeFileSync(join(folder, 'baselines.json.gz'), gzipSync(JSON.stringify({ results })))
  const args = ['bench', 'quality', '--model', 'nano', '--data', folder, '--seeds', '0', '--jobs', '1']
  const out = join(folder, 'out')
  const { code, stdout, stderr } = await runPosterior([...args, '--baselines', folder, '--out', out])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/\| nano \| 0\.9\d+ \|/)
  expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('| iris (60 x 4) |')
  expect(readFileSync(join(out, 'elo-classification.svg'), 'utf8')).toContain('</svg>')
})

test.each([
  ['a row that is too short', 'a,b,y\n1,2,yes\n3,no\n', /line 3|row/i],
  ['no rows', 'a,b,y\n', /row/i],
  ['one class', 'a,b,y\n1,2,yes\n3,4,yes\n', /class/i],
  ['a missing target', 'a,b,y\n1,2,yes\n3,4,\n5,6,no\n', /missing/i],
])('a training table with %s is refused with a sentence', async (_name, csv, message) => {
  const folder = tempDir()
  const train = join(folder, 'train.csv')
  const test = join(folder, 'test.csv')
  writeFileSync(train, csv)
  writeFileSync(test, 'a,b\n1,2\n')
  const out = join(folder, 'out.csv')
  const result = await runPosterior([
    'predict',
    '--train',
    train,
    '--test',
    test,
    '--target',
    'y',
    '--out',
    out,
  ])
  expect(result).toMatchObject({ code: 1, stdout: '' })
  expect(result.stderr).toMatch(message)
  expect(result.stderr).not.toContain('should not have happened')
  expect(existsSync(out)).toBe(false)
})

test('help goes to stdout with exit code 0, and no command at all is a usage error', async () => {
  expect(await runPosterior(['--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Commands:'),
  })
  expect(await runPosterior(['predict', '--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--quantiles'),
  })
  expect(await runPosterior(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' })
  expect(await runPosterior([])).toMatchObject({ code: 2 })
})

test('the released models are listed, as text and as JSON', async () => {
  const text = await runPosterior(['models'])
  expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nano /m) })
  const json = await runPosterior(['models', 'nano', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ name: 'nano', tasks: ['classification', 'regression'] })
})

test('a training run that was stopped and resumed gives the weights of one that was not', async () => {
  const folder = tempDir()
  const settings = ['--config', join(ROOT, 'examples/training/trial.json'), '--steps', '12']
  const train = (name: string, ...more: string[]) => [
    'train',
    '--out',
    join(folder, name),
    '--workers',
    '1',
    ...more,
  ]
  const weights = (name: string) => readFileSync(join(folder, name, 'model/model.safetensors'))

  const whole = await runPosterior(train('whole', ...settings))
  expect({ code: whole.code, stderr: whole.stderr }).toMatchObject({ code: 0 })

  const log = join(folder, 'halves/log.jsonl')
  const isUnderWay = () => existsSync(log) && readFileSync(log, 'utf8').includes('"step":2,')
  const stopped = await runPosterior(train('halves', ...settings), { stopWhen: isUnderWay })
  expect({ code: stopped.code, stderr: stopped.stderr }).toMatchObject({ code: 130 })
  expect(stopped.stderr).toContain('Stopped and saved. Go on with: posterior train --out')
  const again = await runPosterior(train('halves', ...settings))
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/holds a run at step \d+/) })
  const resumed = await runPosterior(train('halves', '--resume'))
  expect({ code: resumed.code, stderr: resumed.stderr }).toMatchObject({ code: 0 })
  expect(resumed.stderr).toMatch(/Resuming at step \d+/)
  expect(weights('halves').equals(weights('whole'))).toBe(true)
})
