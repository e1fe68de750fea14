import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Table, takeRows } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { failureOf, query, train, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import { makeTable, saveTinyModel } from '../../../../tests/support/tiny-model.ts'
import type { FitJob, ProbabilityPrediction } from '../job.ts'
import { Predictor } from './predictor.ts'

const { fit, newFolder, predict, predictor, probabilities, root, settings } = usePredictor()

test('a fit says what it learned from', async () => {
  const contextDir = newFolder()
  const summary = await predictor.fit({
    task: 'classification',
    x: { table: train.x },
    y: { table: train.label },
    contextDir,
  })
  expect(summary).toMatchObject({
    task: 'classification',
    model: { id: 'tiny' },
    rowCount: 60,
    columnCount: 4,
    modelColumnCount: 4,
    classes: ['Moth', 'ape', 'zebra'],
    warnings: [],
    options: { estimators: 8, randomState: 0, softmaxTemperature: 0.9, averageBeforeSoftmax: false },
  })
  expect(summary.classCounts!.reduce((a, b) => a + b)).toBe(60)
  expect(readdirSync(contextDir).sort()).toEqual(['context.json', 'context.safetensors'])
})

test('64 classes work, 65 are refused', async () => {
  const classTable = (classes: number): Table => ({
    rowCount: 130,
    columns: [
      {
        kind: 'number',
        name: 'y',
        values: Float64Array.from({ length: 130 }, (_, i) => i % classes),
        integer: true,
      },
    ],
  })
  const x = { table: makeTable(130).x }
  const contextDir = await fit({ x, y: { table: classTable(64) }, options: { estimators: 2 } })
  const p = await probabilities(contextDir)
  expect(p).toHaveLength(25 * 64)
  expect((await failureOf(fit({ x, y: { table: classTable(65) } }))).code).toBe('too_many_classes')
  const limited = fit({ x, y: { table: classTable(11) }, limits: { maxClasses: 10 } })
  expect((await failureOf(limited)).code).toBe('too_many_classes')
})

test('tables beyond the trained range give a warning, or an error when asked', async () => {
  const x = { table: makeTable(1001).x }
  const y = { table: makeTable(1001).label }
  const contextDir = await fit({ x, y, options: { estimators: 1 } })
  expect((await predict(contextDir, 'probas')).warnings.join()).toContain('1001 rows')
  const strict = await failureOf(fit({ x, y, options: { ignoreTrainedRange: false } }))
  expect(strict).toMatchObject({
    code: 'beyond_model_limits',
    details: { quantity: 'rows', value: 1001, most: 1000 },
  })
})

test('between the trained range and the limits of a model a table is used with a warning, whatever is asked', async () => {
  const models = join(root, 'limited-models')
  await saveTinyModel(models, { name: 'limited', limits: { rows: 1200, columns: 50, classes: 10 } })
  const limited = new Predictor({ ...settings, modelDirs: [models] })
  const fitOf = (rows: number, ignoreTrainedRange: boolean) => {
    const { x, label } = makeTable(rows)
    const options = { estimators: 1, ignoreTrainedRange }
    return limited.fit({
      task: 'classification',
      x: { table: x },
      y: { table: label },
      options,
      contextDir: newFolder(),
    })
  }
  expect((await fitOf(1001, false)).warnings).toEqual([expect.stringMatching(/1001 rows.*at most 1000/)])
  expect(await failureOf(fitOf(1201, false))).toMatchObject({
    code: 'beyond_model_limits',
    details: { quantity: 'rows', value: 1201, most: 1200 },
  })
  expect((await fitOf(1201, true)).warnings.join()).toMatch(/limit is 1200.*trained on at most 1000/)
  await limited.close()
})

test('a fit that needs too much memory is refused before it starts', async () => {
  const small = new Predictor({ ...settings, maxFitBytes: 2 ** 18 })
  const error = await failureOf(fit({}, small))
  expect(error.code).toBe('too_large_for_memory')
  expect(error.details['neededBytes']).toBeGreaterThan(2 ** 18)
  await small.close()
})

test('unusable jobs are refused with the reason', async () => {
  const empty = takeRows(train.x, [])
  const cases: [() => Promise<unknown>, string][] = [
    [() => fit({ model: 'nosuch' }), 'unknown_model'],
    [() => fit({ options: { estimators: 0 } }), 'invalid_options'],
    [() => fit({ options: { estimators: 33 } }), 'invalid_options'],
    [() => fit({ options: { randomState: 0.5 } }), 'invalid_options'],
    [() => fit({ options: { softmaxTemperature: 0 } }), 'invalid_options'],
    [() => fit({ options: { categoricalColumns: [9] } }), 'unknown_column'],
    [() => fit({ x: { table: empty }, y: { table: takeRows(train.label, []) } }), 'no_rows'],
    [() => fit({ y: { table: train.x } }), 'wrong_columns'],
    [() => fit({ y: { table: takeRows(train.label, [0, 1]) } }), 'row_count_mismatch'],
    [() => fit({ y: { column: 'nosuch' } }), 'unknown_column'],
    [() => fit({ task: 'regression', y: { table: train.label } }), 'target_not_numeric'],
    [() => fit({ limits: { maxRows: 59 } }), 'too_many_rows'],
    [() => fit({ limits: { maxColumns: 3 } }), 'too_many_columns'],
    [() => fit({ limits: { maxCells: 239 } }), 'too_many_cells'],
  ]
  for (const [start, code] of cases) expect((await failureOf(start())).code).toBe(code)
  const noted = await failureOf(fit({ limits: { maxRows: 59, rowsNote: 'Ask the operator.' } }))
  expect(noted.message).toMatch(/60 rows.*59.*Ask the operator\.$/)
  expect(readdirSync(root).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('unusable predictions are refused with the reason', async () => {
  const contextDir = await fit()
  const regression = await fit({ task: 'regression' })
  const many = takeRows(query, new Int32Array(401))
  const narrow = { rowCount: 25, columns: query.columns.slice(1) }
  const cases: [() => Promise<unknown>, string][] = [
    [() => predict(newFolder(), 'probas'), 'context_not_found'],
    [() => predict(contextDir, 'mean'), 'invalid_options'],
    [() => predict(regression, 'probas'), 'invalid_options'],
    [() => predict(regression, 'main', { quantiles: [0.5, 1.1] }), 'invalid_options'],
    [() => predict(regression, 'main', { quantiles: [] }), 'invalid_options'],
    [() => predict(regression, 'full', { x: { table: many } }), 'too_many_output_values'],
    [() => predict(contextDir, 'probas', { x: { table: takeRows(query, []) } }), 'no_rows'],
    [() => predict(contextDir, 'probas', { x: { table: narrow } }), 'wrong_columns'],
    [() => predict(contextDir, 'probas', { limits: { maxRows: 24 } }), 'too_many_rows'],
  ]
  for (const [start, code] of cases) expect((await failureOf(start())).code).toBe(code)
})

test('the target may be a column of the feature table', async () => {
  const joined = { rowCount: 60, columns: [...train.x.columns, ...train.label.columns] }
  const contextDir = await fit({ x: { table: joined }, y: { column: 'label' }, limits: { maxColumns: 4 } })
  expect([...(await probabilities(contextDir))]).toEqual([...(await probabilities(await fit()))])
})

test('a context is refused when its model is gone or has other weights', async () => {
  const models = join(root, 'other-models')
  await saveTinyModel(models, { name: 'mine' })
  const other = new Predictor({ ...settings, modelDirs: [models] })
  const contextDir = await fit({ model: 'mine' }, other)
  const ask = () => other.predict({ contextDir, x: { table: query }, output: 'probas' })
  expect((await ask()).output).toBe('probas')
  await saveTinyModel(models, { name: 'mine', seed: 2 })
  expect((await failureOf(ask())).code).toBe('context_model_mismatch')
  rmSync(models, { recursive: true })
  expect((await failureOf(ask())).code).toBe('context_model_mismatch')
  await other.close()
})

test('models are found in folder order, the default first; a broken one only hurts who asks for it', async () => {
  const models = join(root, 'many-models')
  await saveTinyModel(models, { name: 'alpha', tasks: ['regression'] })
  await saveTinyModel(models, { name: 'beta' })
  mkdirSync(join(models, 'broken'))
  writeFileSync(join(models, 'broken', 'manifest.json'), '{"format": 1')
  mkdirSync(join(models, 'notes'))
  const other = new Predictor({ ...settings, modelDirs: [models, join(root, 'nosuch')] })
  const fitOn = (job: Partial<FitJob>) =>
    other.fit({
      task: 'classification',
      x: { table: train.x },
      y: { table: train.label },
      contextDir: newFolder(),
      ...job,
    })
  expect((await fitOn({})).model.id).toBe('beta')
  expect((await failureOf(fitOn({ model: 'alpha' }))).code).toBe('unsupported_task')
  expect((await failureOf(fitOn({ model: 'broken' }))).code).toBe('model_corrupt')
  cpSync(join(models, 'beta'), join(models, 'gamma'), { recursive: true })
  const weights = join(models, 'beta', 'model.safetensors')
  const bytes = readFileSync(weights)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(weights, bytes)
  const fresh = new Predictor({ ...settings, modelDirs: [models] })
  const corrupt = fresh.fit({
    task: 'classification',
    x: { table: train.x },
    y: { table: train.label },
    contextDir: newFolder(),
  })
  expect((await failureOf(corrupt)).code).toBe('model_corrupt')
  await Promise.all([other.close(), fresh.close()])
})

test('more models than are kept loaded are served in turn', async () => {
  const models = join(root, 'turns')
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const [seed, name] of names.entries()) await saveTinyModel(models, { name, seed })
  const other = new Predictor({ ...settings, modelDirs: [models] })
  const answers = new Map<string, string>()
  const contexts = new Map<string, string>()
  for (const name of [...names, ...names]) {
    const contextDir = contexts.get(name) ?? (await fit({ model: name }, other))
    contexts.set(name, contextDir)
    const answer = await other.predict({ contextDir, x: { table: query }, output: 'probas' })
    const text = (answer as ProbabilityPrediction).probabilities.join()
    expect(answers.get(name) ?? text).toBe(text)
    answers.set(name, text)
  }
  expect(new Set(answers.values()).size).toBe(5)
  await other.close()
})

test('a cancelled job stops between runs, and progress counts to the end', async () => {
  const contextDir = await fit()
  const seen: number[] = []
  const wide = { x: { table: takeRows(query, new Int32Array(9000)) }, contextDir, output: 'probas' as const }
  await predictor.predict(wide, { onProgress: (done, total) => seen.push(done / total) })
  expect(seen.length).toBeGreaterThan(5)
  expect(seen.at(-1)).toBe(1)
  const abort = new AbortController()
  const cancelled = predictor.predict(wide, {
    signal: abort.signal,
    onProgress: (done) => done === 2 && abort.abort(),
  })
  expect((await failureOf(cancelled)).code).toBe('aborted')
  const folder = newFolder()
  const job = {
    task: 'classification' as const,
    x: { table: train.x },
    y: { table: train.label },
    contextDir: folder,
  }
  const stopped = predictor.fit(job, { signal: AbortSignal.abort() })
  expect((await failureOf(stopped)).code).toBe('aborted')
  expect((await failureOf(predict(folder, 'probas'))).code).toBe('context_not_found')
})
