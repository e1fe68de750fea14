/** The interface of inference containers over a real socket, with a predictor that needs no model. */
import { containerResponseSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import { postForm } from '../../../testing/forms.ts'
import {
  ADMIN_TOKEN,
  createAccounts,
  envelopeOf,
  startTestServer,
  type TestServer,
  temporaryFolder,
  whenReady,
} from '../../../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
let server: TestServer
const predictor = new FakePredictor()

beforeAll(async () => {
  server = await startTestServer({ predictor, env: { POSTERIOR_MAX_INLINE_BYTES: '100000' } })
  await whenReady(server)
})
afterAll(() => server.close())

const TASK = { task: 'classification', predict_params: { output_type: 'preds' } }
const ROWS = Array.from({ length: 10 }, (_, i) => [i, i % 3 === 0 ? null : `text ${i}`, i % 2 === 0])
const LABELS = Array.from({ length: 10 }, (_, i) => [i < 4 ? 'yes' : 'no'])
const TEST_ROWS = [
  [1, 'a', true],
  [2, null, false],
]
const BODY = { task_config: TASK, X_train: ROWS, y_train: LABELS, X_test: TEST_ROWS }

const post = (body: unknown, path = '/predict') => server.call('POST', path, { body })

describe('training rows and rows to predict in one call', () => {
  test('are answered with a prediction, the id of the model and metadata', async () => {
    const answer = await post(BODY)
    expect(answer.status).toBe(200)
    expect(containerResponseSchema.parse(answer.json)).toMatchObject({
      prediction: ['no', 'no'],
      metadata: {
        task: 'classification',
        test_set_num_rows: 2,
        test_set_num_cols: 3,
        classes: ['no', 'yes'],
      },
    })
  })

  test('may come to /invocations, and under keys in small letters', async () => {
    const { X_train: x_train, X_test: x_test, ...rest } = BODY
    const answer = await post({ ...rest, x_train, x_test }, '/invocations')
    expect([answer.status, answer.json.prediction]).toEqual([200, ['no', 'no']])
  })

  test('are fitted once however often they come, and their model is kept once', async () => {
    const first = await post(BODY)
    const before = predictor.calls.fit
    const summary = (await server.call('GET', '/get_data_summary')).json
    const again = await post({ ...BODY, task_config: { ...TASK, predict_params: { output_type: 'probas' } } })
    expect(again.json.model_id).toBe(first.json.model_id)
    expect(predictor.calls.fit).toBe(before)
    expect((await server.call('GET', '/get_data_summary')).json).toEqual(summary)
  })

  test.each([
    [
      [['0'], ['1']],
      ['0', '1'],
    ],
    [
      [[7], [3]],
      [3, 7],
    ],
    [
      [7.5, 3],
      [3, 7.5],
    ],
    [
      [true, false],
      [false, true],
    ],
  ])('keep the type of the labels %j', async (y, classes) => {
    const y_train = Array.from({ length: 5 }, () => y).flat()
    const answer = await post({ ...BODY, y_train })
    expect(answer.json.metadata.classes).toEqual(classes)
    expect(answer.json.prediction[0]).toBe(classes[0])
  })

  test('may hold bare NaN, which is missing, while the text "NaN" is text', async () => {
    const body = JSON.stringify(BODY).replaceAll('null', 'NaN').replaceAll('"text 1"', '"NaN"')
    const answer = await post(body)
    expect(answer.status).toBe(200)
    const withNull = await post(body.replaceAll('NaN', 'null').replaceAll('"null"', '"NaN"'))
    expect(withNull.json.model_id).toBe(answer.json.model_id)
  })

  test('answer a regression with quantiles as one list per level', async () => {
    const task_config = {
      task: 'regression',
      predict_params: { output_type: 'quantiles', quantiles: [0.1, 0.9] },
    }
    const y_train = ROWS.map((_, i) => [i * 1.5])
    const answer = await post({ ...BODY, task_config, y_train })
    expect(answer.json.prediction.map((level: number[]) => level.length)).toEqual([2, 2])
  })

  test('take what the estimators always send', async () => {
    const tabpfn_config = {
      n_estimators: 2,
      softmax_temperature: 0.9,
      average_before_softmax: false,
      inference_precision: 'auto',
      random_state: 0,
      inference_config: null,
      n_preprocessing_jobs: 4,
      balance_probabilities: false,
      fit_mode: 'fit_with_cache',
    }
    const answer = await post({ ...BODY, task_config: { ...TASK, tabpfn_config }, model_version: 'v3' })
    expect(answer.status).toBe(200)
    expect(answer.json.metadata.tabpfn_config.n_estimators).toBe(2)
  })
})

describe('a model by its id', () => {
  test('answers without training rows', async () => {
    const { model_id } = (await post(BODY)).json
    const before = predictor.calls.fit
    const body = { task_config: TASK, context: { model_id }, X_test: TEST_ROWS }
    const answer = await post(body)
    expect([answer.status, answer.json.prediction, answer.json.model_id]).toEqual([
      200,
      ['no', 'no'],
      model_id,
    ])
    expect(predictor.calls.fit).toBe(before)
  })

  test('is still there after a restart', async () => {
    const folder = await temporaryFolder()
    let own = await startTestServer({ dataDir: folder.path })
    try {
      const { model_id } = (await own.call('POST', '/predict', { body: BODY })).json
      await own.close()
      own = await startTestServer({ dataDir: folder.path })
      const body = { task_config: TASK, context: { model_id }, X_test: TEST_ROWS }
      expect((await own.call('POST', '/predict', { body })).json.prediction).toEqual(['no', 'no'])
    } finally {
      await own.close()
      await folder.cleanUp()
    }
  })

  test('that is unknown, no id, or of another account is a 404', async () => {
    const [alice] = (await createAccounts(server, 'alice')) as [string]
    const { model_id } = (await post(BODY)).json
    for (const [id, token] of [
      [UNKNOWN, ADMIN_TOKEN],
      ['some-model', ADMIN_TOKEN],
      [model_id, alice],
    ]) {
      const body = { task_config: TASK, context: { model_id: id }, X_test: TEST_ROWS }
      const answer = await server.call('POST', '/predict', { body, token })
      expect([answer.status, answer.json.error_code]).toEqual([404, 'NOT_FOUND'])
    }
  })

  test('of a fit over the upload routes works too, and the other way round', async () => {
    const { model_id } = (await post(BODY)).json
    const status = await server.call('GET', `/tabpfn/fit/${model_id}`)
    expect(status.json.status).toBe('completed')
  })
})

describe('Parquet files', () => {
  test('go in place of the rows', async () => {
    const { model_id } = (await post(BODY)).json
    const csv = (text: string) => ({ file: text })
    const parts = {
      request: { json: { task_config: TASK } },
      x_train: csv('a,b\n1,2\n3,4\n5,6\n'),
      y_train: csv('y\nno\nyes\nno\n'),
      x_test: csv('a,b\n1,2\n'),
    }
    const answer = await postForm(server, '/predict', parts)
    expect([answer.status, answer.json.prediction]).toEqual([200, ['no']])
    expect(answer.json.model_id).not.toBe(model_id)
    const cached = { request: { json: { task_config: TASK, context: answer.json } }, x_test: parts.x_test }
    expect((await postForm(server, '/predict', cached)).json.prediction).toEqual(['no'])
  })

  test('in a form without the part request, or in one of another name, are refused', async () => {
    const file = { file: 'a\n1\n' }
    expect((await postForm(server, '/predict', { x_test: file })).status).toBe(400)
    const request = { json: { task_config: TASK } }
    expect((await postForm(server, '/predict', { request, x_tset: file })).status).toBe(400)
  })
})

describe('a request that is not valid is a 422 that names the field', () => {
  const { X_test, X_train, y_train, task_config } = BODY
  test.each([
    ['X_test', { task_config, X_train, y_train }],
    ['X_train', { task_config, y_train, X_test }],
    ['y_train', { task_config, X_train, X_test }],
    ['task_config', { X_train, y_train, X_test }],
    ['task_config.task', { ...BODY, task_config: {} }],
    ['task_config.tabpfn_config.colour', { ...BODY, task_config: { ...TASK, tabpfn_config: { colour: 1 } } }],
    ['context.model_id', { ...BODY, context: { model_id: UNKNOWN } }],
    ['x_train', { ...BODY, x_train: ROWS }],
    ['x_train', { ...BODY, X_train: 'rows' }],
    ['x_train', { ...BODY, X_train: [] }],
    ['x_train.1', { ...BODY, X_train: [[1], 2] }],
    ['x_train', { ...BODY, X_train: [[1, 2], [1]] }],
    ['x_train', { ...BODY, X_train: [[1, [2]]] }],
    ['x_test', { ...BODY, X_test: [[]] }],
    ['body', [BODY]],
    ['model_version', { ...BODY, model_version: 'v9' }],
    ['tabpfn_systems.0', { ...BODY, tabpfn_systems: ['magic'] }],
  ])('%s', async (field, body) => {
    const answer = await post(body)
    expect([answer.status, envelopeOf(answer).errors[0]?.field]).toEqual([422, field])
  })
})

describe('a body that cannot be read', () => {
  test.each(['', '{', '{"a": nope}', '['.repeat(100)])('%j is a 400', async (body) => {
    const answer = await server.call('POST', '/predict', { body })
    expect([answer.status, answer.json.error_code]).toEqual([400, 'MALFORMED_JSON'])
  })

  test('that is too large is a 413, whether or not it says so', async () => {
    const answer = await post({ ...BODY, X_train: Array.from({ length: 30_000 }, (_, i) => [i]) })
    expect([answer.status, answer.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  test('of another content type is a 415', async () => {
    const headers = { 'content-type': 'text/csv' }
    const answer = await server.call('POST', '/predict', { body: 'a,b\n', headers })
    expect([answer.status, answer.json.error_code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  test('without a token is a 401', async () => {
    expect((await server.call('POST', '/predict', { body: BODY, token: null })).status).toBe(401)
    expect((await server.call('POST', '/invocations', { body: BODY, token: 'wrong' })).status).toBe(401)
  })
})

test('ping says that the server answers, without a token', async () => {
  const answer = await server.call('GET', '/ping', { token: null })
  expect([answer.status, answer.json]).toEqual([200, { status: 'ready' }])
})
