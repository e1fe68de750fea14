/** The whole flow of dialect A over a real socket, with a predictor that needs no model. */
import { predictResponseSchema, type Settings, settingsSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakePredictor } from '../testing/fake-predictor.ts'
import {
  CLASSES_CSV,
  fitTrainSet,
  NUMBERS_CSV,
  put,
  request,
  startTestServer,
  type TestServer,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from '../testing/test-server.ts'

let server: TestServer
const predictor = new FakePredictor()

beforeAll(async () => {
  server = await startTestServer({ predictor })
  await whenReady(server)
})
afterAll(() => server.close())

const TEST_ROWS = 'a,b\n1,2\n3,4\n5,6\n'

async function predict(fit: string, params: object = {}, config?: object) {
  const task_config = { predict_params: params, ...(config && { tabpfn_config: config }) }
  const test_set_upload_id = await uploadTestSet(server, fit, TEST_ROWS)
  const body = { fitted_train_set_id: fit, test_set_upload_id, task_config }
  return server.call('POST', '/tabpfn/predict', { body })
}

test('a classification goes from upload to probabilities that sum to 1, in sorted class order', async () => {
  const fit = await fitTrainSet(server, CLASSES_CSV)
  const { status, json, headers } = await predict(fit)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toContain('application/json')
  expect(predictResponseSchema.parse(json)).toEqual(json)
  expect(json.prediction).toEqual([
    [0.6, 0.4],
    [0.6, 0.4],
    [0.6, 0.4],
  ])
  expect(json.metadata).toMatchObject({
    task: 'classification',
    classes: ['no', 'yes'],
    test_set_num_rows: 3,
    test_set_num_cols: 2,
    model: 'fake',
    n_estimators: 4,
    warnings: [],
  })
})

test('labels come back in their own JSON type', async () => {
  const numbers = await fitTrainSet(server, { ...CLASSES_CSV, y: `y\n${'3\n7\n'.repeat(5)}` })
  expect((await predict(numbers, { output_type: 'preds' })).json.prediction).toEqual([3, 3, 3])
  const texts = await fitTrainSet(server, CLASSES_CSV)
  expect((await predict(texts, { output_type: 'preds' })).json.prediction).toEqual(['no', 'no', 'no'])
})

describe('a regression', () => {
  let fit: string
  beforeAll(async () => {
    fit = await fitTrainSet(server, NUMBERS_CSV, { task: 'regression' })
  })

  test.each(['mean', 'median', 'mode'])('answers one number per row for %s', async (output_type) => {
    expect((await predict(fit, { output_type })).json.prediction).toEqual([6.75, 6.75, 6.75])
  })

  test('answers the mean by default', async () => {
    expect((await predict(fit)).json.prediction).toEqual([6.75, 6.75, 6.75])
  })

  test('answers quantiles as one array per level, in the order asked', async () => {
    const { json } = await predict(fit, { output_type: 'quantiles', quantiles: [0.9, 0.1] })
    expect(json.prediction).toHaveLength(2)
    expect(json.prediction[0]).toHaveLength(3)
    expect(json.prediction[0][0]).toBeGreaterThan(json.prediction[1][0])
    expect((await predict(fit, { output_type: 'quantiles' })).json.prediction).toHaveLength(9)
  })

  test('answers main and full as objects', async () => {
    const main = (await predict(fit, { output_type: 'main' })).json
    expect(Object.keys(main.prediction)).toEqual(['mean', 'median', 'mode', 'quantiles'])
    const full = (await predict(fit, { output_type: 'full' })).json
    expect(predictResponseSchema.parse(full)).toEqual(full)
    expect(full.prediction.borders).toEqual([5.75, 6.75, 7.75])
    expect(full.prediction.logits).toHaveLength(3)
    expect(full.prediction.logits[0]).toHaveLength(2)
  })
})

test('a fit may be asked for with the body of the quickstart and answers id and status', async () => {
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const body = { train_set_upload_id: id, task: 'classification' }
  const { status, json } = await server.call('POST', '/tabpfn/fit', { body })
  expect(status).toBe(200)
  expect(json).toEqual({ fitted_train_set_id: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'completed' })
})

test('the same fit is answered with the same id, unless a new one is asked for', async () => {
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const body = { train_set_upload_id: id, task: 'classification', tabpfn_config: { n_estimators: 2 } }
  const before = predictor.calls.fit
  const first = await server.call('POST', '/tabpfn/fit', { body })
  const again = await server.call('POST', '/tabpfn/fit', {
    body: { ...body, tabpfn_config: { n_estimators: 2, random_state: null } },
  })
  expect(again.json).toEqual(first.json)
  expect(predictor.calls.fit).toBe(before + 1)
  const forced = await server.call('POST', '/tabpfn/fit', { body: { ...body, force_refit: true } })
  expect(forced.json.fitted_train_set_id).not.toBe(first.json.fitted_train_set_id)
  const other = await server.call('POST', '/tabpfn/fit', { body: { ...body, tabpfn_config: null } })
  expect(other.json.fitted_train_set_id).not.toBe(first.json.fitted_train_set_id)
})

test('two equal fits at once are one fit', async () => {
  const id = await uploadTrainSet(server, CLASSES_CSV)
  const body = { train_set_upload_id: id, task: 'classification' }
  const before = predictor.calls.fit
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => server.call('POST', '/tabpfn/fit', { body })),
  )
  expect(new Set(answers.map((answer) => answer.json.fitted_train_set_id)).size).toBe(1)
  expect(predictor.calls.fit).toBe(before + 1)
})

describe('settings at predict', () => {
  test('that act on the output win over those of the fit, without another fit', async () => {
    const fit = await fitTrainSet(server, CLASSES_CSV, { config: { softmax_temperature: 0.5 } })
    const before = predictor.calls.fit
    const kept = (await predict(fit)).json.metadata.tabpfn_config
    expect(kept.softmax_temperature).toBe(0.5)
    const changed = (await predict(fit, {}, { softmax_temperature: 1.5 })).json.metadata.tabpfn_config
    expect(changed.softmax_temperature).toBe(1.5)
    expect(predictor.calls.fit).toBe(before)
  })

  test('that define the ensemble fit the training set again, once', async () => {
    const fit = await fitTrainSet(server, CLASSES_CSV, { config: { n_estimators: 2 } })
    const before = predictor.calls.fit
    for (let i = 0; i < 2; i++) {
      const { json } = await predict(
        fit,
        {},
        { n_estimators: 6, random_state: 0, softmax_temperature: 1 + i },
      )
      expect(json.metadata.tabpfn_config).toMatchObject({ n_estimators: 6, softmax_temperature: 1 + i })
    }
    expect(predictor.calls.fit).toBe(before + 1)
  })

  test('waiving the check of the trained range needs no other fit', async () => {
    const fit = await fitTrainSet(server, CLASSES_CSV, { config: { ignore_pretraining_limits: false } })
    const before = predictor.calls.fit
    expect((await predict(fit, {}, { ignore_pretraining_limits: true })).status).toBe(200)
    expect(predictor.calls.fit).toBe(before)
  })

  test('may be explicit nulls', async () => {
    const fit = await fitTrainSet(server, CLASSES_CSV)
    expect((await predict(fit, { quantiles: null, output_type: null }, { n_estimators: null })).status).toBe(
      200,
    )
  })
})

test('settings and model limits are one object that names its own default version', async () => {
  const settings = (await server.call('GET', '/tabpfn/get_settings')).json as Settings
  expect(settingsSchema.parse(settings)).toEqual(settings)
  expect(settings.model_limits).toHaveProperty([settings.default_model_version])
  expect((await server.call('GET', '/tabpfn/get_model_limits')).json).toEqual(settings)
})

test('paths may end in a slash, and a client version header is welcome', async () => {
  const headers = { 'prior-client-version': '0.4.1' }
  expect((await server.call('GET', '/tabpfn/get_settings/', { headers })).status).toBe(200)
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
  const prepared = await server.call('POST', '/tabpfn/prepare_train_set_upload/', { body, headers })
  expect(prepared.status).toBe(200)
})

test('upload URLs are absolute, need no token, and take any content type', async () => {
  const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv', filename: 'y.csv' } }
  const { json } = await server.call('POST', '/tabpfn/prepare_train_set_upload', { body })
  const [url] = json.x_train_info.signed_urls
  expect(url.startsWith(`${server.url}/uploads/`)).toBe(true)
  expect(json.x_train_info.expires_at).toBeGreaterThan(Date.now() / 1000)
  const answer = await request(server.url, 'PUT', url, {
    token: null,
    body: CLASSES_CSV.x,
    headers: { 'content-type': 'application/json', 'prior-client-version': '0.4.1' },
  })
  expect([answer.status, answer.text]).toEqual([200, ''])
  expect((await put(url, CLASSES_CSV.x)).status).toBe(200)
})

test('the server says that it is reachable, alive, ready, and counts what it does', async () => {
  expect((await server.call('GET', '/', { token: null })).json).toMatchObject({ name: 'posterior' })
  expect((await server.call('GET', '/health/live', { token: null })).status).toBe(200)
  expect((await server.call('GET', '/health/ready', { token: null })).status).toBe(200)
  const { text } = await server.call('GET', '/metrics', { token: null })
  expect(text).toMatch(/posterior_ready 1/)
  expect(text).toMatch(/posterior_http_request_duration_seconds_count\{.*route="\/tabpfn\/fit"/)
  expect(text).toMatch(/posterior_predicted_rows_total [1-9]/)
  for (const step of ['wait', 'data', 'model']) {
    const count = `posterior_prediction_engine_duration_seconds_count\\{step="${step}"\\} [1-9]`
    expect(text).toMatch(new RegExp(count))
  }
  expect((await server.call('GET', '/errors', { token: null })).text).toContain('## NOT_FOUND')
})
