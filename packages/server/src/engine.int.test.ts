/** The server over the real engine, with random weights: real files in, real errors out. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Table, writeParquet } from '@posterior/tabular'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EngineServer, startEngineServer } from './testing/engine-server.ts'
import {
  type Answer,
  CLASSES_CSV,
  fitTrainSet,
  NUMBERS_CSV,
  put,
  until,
  uploadTestSet,
} from './testing/test-server.ts'

let server: EngineServer

beforeAll(async () => {
  const trainedRange = { rows: [2, 1000], columns: [1, 20], classes: [2, 10] } as const
  const env = { POSTERIOR_MAX_COLUMNS: '30', POSTERIOR_THINKING_MIN_ROWS: '12' }
  server = await startEngineServer({ env, models: [{ trainedRange }] })
})
afterAll(() => server.close())

type Bytes = string | Uint8Array
type Format = 'csv' | 'parquet'

/** Upload and fit; answers the fit's answer. */
async function fit(
  x: Bytes,
  y: Bytes,
  options: { task?: string; format?: Format; config?: object; thinking?: object } = {},
): Promise<Answer> {
  const { task = 'classification', format = 'csv', config, thinking } = options
  const body = { x_train_info: { format }, y_train_info: { format } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body })
  expect((await put(json.x_train_info.signed_urls[0], x)).status).toBe(200)
  expect((await put(json.y_train_info.signed_urls[0], y)).status).toBe(200)
  const fitBody = { train_set_upload_id: json.train_set_upload_id, task, tabpfn_config: config, ...thinking }
  return server.call('POST', '/tabpfn/fit', { body: fitBody })
}

async function predict(
  fitId: string,
  x: Bytes,
  options: { params?: object; format?: Format; config?: object } = {},
) {
  const { params = {}, format = 'csv', config } = options
  const body = { fitted_train_set_id: fitId, x_test_info: { format } }
  const { json } = await server.call('POST', '/tabpfn/prepare_test_set_upload', { body })
  expect((await put(json.x_test_info.signed_urls[0], x)).status).toBe(200)
  const task_config = { predict_params: params, ...(config && { tabpfn_config: config }) }
  const { test_set_upload_id } = json
  return server.call('POST', '/tabpfn/predict', {
    body: { fitted_train_set_id: fitId, test_set_upload_id, task_config },
  })
}

async function parquet(table: Table): Promise<Uint8Array> {
  const path = join(server.folder, `${crypto.randomUUID()}.parquet`)
  await writeParquet(table, path)
  return readFile(path)
}

test('the server becomes ready by a self-test prediction', async () => {
  await until(async () => (await server.call('GET', '/health/ready')).status === 200, 30_000)
})

test('probabilities of a CSV sum to 1 in sorted class order, and repeat bit for bit', async () => {
  const id = (await fit(CLASSES_CSV.x, CLASSES_CSV.y)).json.fitted_train_set_id
  const first = await predict(id, 'a,b\n1,2\n8,9\n')
  expect(first.status).toBe(200)
  expect(first.json.metadata.classes).toEqual(['no', 'yes'])
  for (const row of first.json.prediction) expect(row[0] + row[1]).toBeCloseTo(1, 6)
  const again = await predict(id, 'a,b\n1,2\n8,9\n')
  expect(again.text).toBe(first.text)
})

test('a restart between fit and predict changes nothing', async () => {
  const id = (await fit(NUMBERS_CSV.x, NUMBERS_CSV.y, { task: 'regression' })).json.fitted_train_set_id
  const params = { output_type: 'full', quantiles: [0.25, 0.75] }
  const before = await predict(id, 'a,b\n1,2\n3,4\n', { params })
  expect(before.status).toBe(200)
  await server.restart()
  const after = await predict(id, 'a,b\n1,2\n3,4\n', { params })
  expect(after.text).toBe(before.text)
  const { mean, quantiles, logits, borders } = after.json.prediction
  expect([mean.length, quantiles.length, quantiles[0].length]).toEqual([2, 2, 2])
  expect(borders).toHaveLength(logits[0].length + 1)
})

test('Parquet works as CSV does, and labels keep their type', async () => {
  const numbers = Float64Array.from({ length: 12 }, (_, i) => i)
  const x: Table = {
    rowCount: 12,
    columns: [
      { kind: 'number', name: '0', values: numbers, integer: false },
      { kind: 'string', name: '1', codes: Int32Array.from(numbers, (i) => i % 3), levels: ['r', 'g', 'b'] },
    ],
  }
  const labels = numbers.map((i) => (i < 6 ? 10 : 9))
  const y: Table = { rowCount: 12, columns: [{ kind: 'number', name: '0', values: labels, integer: true }] }
  const answer = await fit(await parquet(x), await parquet(y), { format: 'parquet' })
  expect(answer.status).toBe(200)
  const { json } = await predict(answer.json.fitted_train_set_id, await parquet(x), {
    format: 'parquet',
    params: { output_type: 'preds' },
  })
  expect(json.metadata.classes).toEqual([9, 10])
  expect(json.prediction.every((label: unknown) => label === 9 || label === 10)).toBe(true)
})

test('settings reach the model and come back in the metadata', async () => {
  const config = { n_estimators: 2, random_state: 7, softmax_temperature: 1.5, average_before_softmax: true }
  const id = (await fit(CLASSES_CSV.x, CLASSES_CSV.y, { config })).json.fitted_train_set_id
  const first = (await predict(id, 'a,b\n1,2\n')).json
  expect(first.metadata.tabpfn_config).toMatchObject({ ...config, balance_probabilities: false })
  const balanced = (await predict(id, 'a,b\n1,2\n', { config: { balance_probabilities: true } })).json
  expect(balanced.prediction[0][1]).toBeGreaterThan(first.prediction[0][1])
  const wider = (await predict(id, 'a,b\n1,2\n', { config: { n_estimators: 3 } })).json
  expect(wider.metadata).toMatchObject({ n_estimators: 3, model: 'tiny' })
  expect(wider.prediction).not.toEqual(first.prediction)
})

describe('bad training data', () => {
  const { x, y } = CLASSES_CSV
  const wide = (columns: number) =>
    `${Array.from({ length: columns }, (_, i) => `c${i}`).join(',')}\n${`${Array(columns).fill(0).join(',')}\n`.repeat(10)}`

  test.each<[string, string, () => Promise<Answer>]>([
    ['a ragged row', 'CSV_RAGGED', () => fit('a,b\n1,2\n3\n', 'y\n0\n1\n')],
    ['no header', 'CSV_EMPTY', () => fit('', y)],
    ['no rows', 'NO_ROWS', () => fit('a,b\n', 'y\n')],
    ['an unclosed quote', 'CSV_INVALID', () => fit('a,b\n"1,2\n3,4\n', 'y\n0\n1\n')],
    ['two columns of one name', 'DUPLICATE_COLUMN', () => fit('a,a\n1,2\n3,4\n', 'y\n0\n1\n')],
    ['a single class', 'ONE_CLASS', () => fit(x, `y\n${'1\n'.repeat(10)}`)],
    [
      'a missing label',
      'TARGET_MISSING_VALUES',
      () => fit('a,b\n1,2\n3,4\n5,6\n', 'y,z\n0,1\n,1\n1,1\n'.replace(/,[1z]/g, '')),
    ],
    ['text as a number', 'TARGET_NOT_NUMERIC', () => fit(x, y, { task: 'regression' })],
    ['other numbers of rows', 'ROW_COUNT_MISMATCH', () => fit(x, 'y\n0\n1\n')],
    ['two targets', 'WRONG_COLUMNS', () => fit(x, x)],
    ['too many columns', 'LIMIT_EXCEEDED', () => fit(wide(31), y)],
    ['CSV sent as Parquet', 'PARQUET_INVALID', () => fit(x, y, { format: 'parquet' })],
    [
      'a column index that is not there',
      'REQUEST_VALIDATION_ERROR',
      () => fit(x, y, { config: { categorical_features_indices: [2] } }),
    ],
    [
      'more than the model was trained on, when that is asked for',
      'MODEL_RANGE_EXCEEDED',
      () =>
        fit(
          Array.from({ length: 11 }, (_, i) => i)
            .map((row) =>
              Array.from({ length: 21 }, (_, c) => (row === 0 ? `c${c}` : (row * 7 + c * 3) % 11)).join(','),
            )
            .join('\n'),
          y,
          { config: { ignore_pretraining_limits: false } },
        ),
    ],
  ])('with %s is a 422 %s that names a field', async (_, code, send) => {
    const answer = await send()
    expect([answer.status, answer.json.error_code]).toEqual([422, code])
    expect(answer.json.message.length).toBeGreaterThan(10)
    expect(answer.json.errors).toHaveLength(1)
    expect(answer.text).not.toContain(server.folder)
  })

  test('Parquet that is cut off or sent as CSV is refused', async () => {
    const table: Table = {
      rowCount: 50,
      columns: [
        { kind: 'number', name: 'a', values: Float64Array.from({ length: 50 }, Math.sqrt), integer: false },
      ],
    }
    const bytes = await parquet(table)
    const cut = await fit(bytes.subarray(0, bytes.length - 20), bytes, { format: 'parquet' })
    expect([cut.status, cut.json.error_code]).toEqual([422, 'PARQUET_INVALID'])
    const asCsv = await fit(bytes, y)
    expect([asCsv.status, asCsv.json.error_code]).toEqual([422, 'CSV_INVALID'])
  })

  test('leaves no context behind', async () => {
    const before = await readdir(join(server.dataDir, 'contexts'))
    await fit(x, 'y\n0\n1\n')
    expect(await readdir(join(server.dataDir, 'contexts'))).toEqual(before)
  })
})

describe('bad rows to predict', () => {
  let id: string
  beforeAll(async () => {
    id = await fitTrainSet(server, CLASSES_CSV)
  })

  test.each<[string, string, string]>([
    ['more columns than at fit', 'WRONG_COLUMNS', 'a,b,c\n1,2,3\n'],
    ['no rows', 'NO_ROWS', 'a,b\n'],
    ['a ragged row', 'CSV_RAGGED', 'a,b\n1,2,3\n'],
  ])('with %s are a 422 %s that names the file', async (_, code, x) => {
    const answer = await predict(id, x)
    expect([answer.status, answer.json.error_code]).toEqual([422, code])
    expect(answer.json.errors[0].field).toBe('x_test')
  })

  test('more rows than "full" allows are a 422 that says so', async () => {
    const numbers = await fitTrainSet(server, NUMBERS_CSV, { task: 'regression' })
    const answer = await predict(numbers, `a,b\n${'1,2\n'.repeat(401)}`, { params: { output_type: 'full' } })
    expect([answer.status, answer.json.error_code]).toEqual([422, 'LIMIT_EXCEEDED'])
    expect(answer.json.message).toContain('"full"')
  })

  test('an unseen category and missing cells are answered', async () => {
    const words = `w\n${'red\nblue\n'.repeat(5)}`
    const text = (await fit(words, CLASSES_CSV.y)).json.fitted_train_set_id
    const answer = await predict(text, 'w\ngreen\n""\nred\n')
    expect(answer.status).toBe(200)
    expect(answer.json.prediction).toHaveLength(3)
  })
})

describe('a fit whose files are damaged', () => {
  test('is a 404 that says to fit again, and then the same request fits again', async () => {
    const answer = await fit(CLASSES_CSV.x, CLASSES_CSV.y, { config: { random_state: 99 } })
    const id = answer.json.fitted_train_set_id
    await writeFile(join(server.dataDir, 'contexts', id, 'context.json'), '{}')
    const lost = await predict(id, 'a,b\n1,2\n')
    expect([lost.status, lost.json.error_code]).toEqual([404, 'FIT_LOST'])
    const still = await predict(id, 'a,b\n1,2\n')
    expect([still.status, still.json.error_code]).toEqual([404, 'FIT_LOST'])
  })

  test.each([
    ['while the server was down', true],
    ['under the running server', false],
  ])(
    'or whose model was replaced %s is a 404 that says so; fitting again gives a new id',
    async (_, isRestarted) => {
      const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
      const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body })
      await put(json.x_train_info.signed_urls[0], CLASSES_CSV.x)
      await put(json.y_train_info.signed_urls[0], CLASSES_CSV.y)
      const again = () =>
        server.call('POST', '/tabpfn/fit', {
          body: { train_set_upload_id: json.train_set_upload_id, task: 'classification' },
        })
      const old = (await again()).json.fitted_train_set_id
      await rm(join(server.folder, 'models', 'tiny'), { recursive: true })
      await server.saveModel({ seed: isRestarted ? 2 : 3 })
      if (isRestarted) await server.restart()
      const answer = await predict(old, 'a,b\n1,2\n')
      expect([answer.status, answer.json.error_code]).toEqual([404, 'FIT_MODEL_CHANGED'])
      const fresh = (await again()).json.fitted_train_set_id
      expect(fresh).not.toBe(old)
      const id = await uploadTestSet(server, fresh, 'a,b\n1,2\n')
      const predictBody = { fitted_train_set_id: fresh, test_set_upload_id: id, task_config: {} }
      expect((await server.call('POST', '/tabpfn/predict', { body: predictBody })).status).toBe(200)
    },
  )
})

describe('a fit with thinking', () => {
  const rows = Array.from({ length: 60 }, (_, i) => i)
  const x = `a,b\n${rows.map((i) => `${i % 7},${(i * i) % 11}`).join('\n')}\n`
  const labels = `c\n${rows.map((i) => (i % 3 === 0 ? 'no' : 'yes')).join('\n')}\n`

  test('searches in time, answers like any other, and tells what it measured', async () => {
    const thinking = { thinking_effort: 'medium', thinking_timeout_s: 2, thinking_effort_metric: 'mcc' }
    const fitted = await fit(x, labels, { config: { n_estimators: 1 }, thinking })
    const { fitted_train_set_id: id } = JSON.parse(fitted.text)
    const { json } = await predict(id, x)
    expect(json.prediction).toHaveLength(60)
    for (const [no, yes] of json.prediction) expect(no + yes).toBeCloseTo(1, 9)
    expect(json.metadata.thinking).toMatchObject({ effort: 'medium', metric: 'mcc', higher_is_better: true })
    expect(json.metadata.thinking.candidates).toBeGreaterThan(0)
    expect(json.metadata.thinking.score).toBeGreaterThanOrEqual(json.metadata.thinking.baseline_score)
  })

  test('is refused for what only the data can tell, in the words of the request', async () => {
    const few = await fit(CLASSES_CSV.x, CLASSES_CSV.y, { thinking: { thinking_effort: 'high' } })
    expect([few.status, few.json.errors[0].field]).toEqual([422, 'thinking_effort'])
    expect(few.json.message).toMatch(/at least 12 training rows; this table has 10/)
    const three = `c\n${rows.map((i) => 'abc'[i % 3]).join('\n')}\n`
    const metric = { thinking_config: { effort: 'high', metric: 'roc_auc' } }
    const wrong = await fit(x, three, { thinking: metric })
    expect([wrong.status, wrong.json.errors[0].field]).toEqual([422, 'thinking_config.metric'])
  })
})
