/** Every way of asking wrongly has its status, its code, and the one envelope. */
import { connect } from 'node:net'
import { errorEnvelopeSchema } from '@posterior/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../domain/app-error.ts'
import { FakePredictor } from '../testing/fake-predictor.ts'
import {
  type Answer,
  type CallOptions,
  CLASSES_CSV,
  fitTrainSet,
  NUMBERS_CSV,
  startTestServer,
  type TestServer,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from '../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const predictor = new FakePredictor()
let server: TestServer
let upload: string
let classifier: string
let regressor: string

beforeAll(async () => {
  server = await startTestServer({
    predictor,
    env: { POSTERIOR_MAX_FULL_ROWS: '5', POSTERIOR_MAX_ROW_PAIRS: '80' },
  })
  await whenReady(server)
  upload = await uploadTrainSet(server, CLASSES_CSV)
  classifier = await fitTrainSet(server, CLASSES_CSV)
  regressor = await fitTrainSet(server, NUMBERS_CSV, { task: 'regression' })
})
afterEach(() => {
  predictor.failure = undefined
})
afterAll(() => server.close())

/** The answer is the envelope with this status and code, and blames these fields. */
function expectError(answer: Answer, status: number, code: string, fields?: string[]) {
  const envelope = errorEnvelopeSchema.loose().parse(answer.json)
  expect([answer.status, envelope.error_code, envelope.message]).toEqual([status, code, expect.any(String)])
  expect(envelope.detail).toBe(envelope.message)
  expect(envelope.support).toBe(`${server.url}/errors#${code.toLowerCase()}`)
  expect(envelope.trace_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(answer.text).not.toMatch(/\n\s+at |node_modules|\.ts:/)
  if (fields) expect(envelope.errors.map((error) => error.field)).toEqual(fields)
}

const get = (path: string, options?: CallOptions) => server.call('GET', path, options)
const post = (path: string, body: unknown, options: CallOptions = {}) =>
  server.call('POST', path, { ...options, body })

describe('a token', () => {
  test.each([
    ['that is missing', null, {}],
    ['that is unknown', 'unknown-token', {}],
    ['of another scheme', null, { authorization: 'Basic YTpi' }],
    ['that is empty', null, { authorization: 'Bearer ' }],
  ])('%s is a 401 with a challenge', async (_, token, headers) => {
    const answer = await get('/tabpfn/get_settings', { token, headers })
    expectError(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
  })

  test('is asked for before the body is looked at', async () => {
    expectError(await post('/tabpfn/fit', '{', { token: null }), 401, 'UNAUTHORIZED')
  })
})

describe('a route', () => {
  test('that does not exist is a 404', async () => {
    expectError(await get('/tabpfn/nothing'), 404, 'NOT_FOUND')
    expectError(await post('/nothing', 'x', { token: null }), 404, 'NOT_FOUND')
  })

  test('with another method is a 405 that lists the right ones', async () => {
    const answer = await get('/tabpfn/fit')
    expectError(answer, 405, 'METHOD_NOT_ALLOWED')
    expect(answer.headers.get('allow')).toBe('POST')
    expectError(await post('/', {}), 405, 'METHOD_NOT_ALLOWED')
  })

  test('with a broken URL is a 400', async () => {
    expectError(await get('/%zz'), 400, 'MALFORMED_REQUEST')
  })
})

describe('a JSON body', () => {
  test.each([
    ['that is cut off', '{"a":'],
    ['with a bare NaN', '{"a": NaN}'],
    ['that is empty', ''],
    ['with a prototype', '{"__proto__": {"a": 1}}'],
  ])('%s is a 400', async (_, body) => {
    const headers = { 'content-type': 'application/json' }
    expectError(await post('/tabpfn/fit', body, { headers }), 400, 'MALFORMED_JSON')
  })

  test('of another content type is a 415', async () => {
    const headers = { 'content-type': 'text/csv' }
    expectError(await post('/tabpfn/fit', 'a,b', { headers }), 415, 'UNSUPPORTED_MEDIA_TYPE')
  })

  test('that is too large is a 413, also while the client is still sending', async () => {
    const body = JSON.stringify({ train_set_upload_id: 'x'.repeat(8_000_000) })
    expectError(await post('/tabpfn/fit', body), 413, 'PAYLOAD_TOO_LARGE')
  })

  test('that is not an object is a 422', async () => {
    expectError(await post('/tabpfn/fit', []), 422, 'REQUEST_VALIDATION_ERROR', ['body'])
  })

  test('that is missing is a 422', async () => {
    expectError(await server.call('POST', '/tabpfn/fit'), 422, 'REQUEST_VALIDATION_ERROR', ['body'])
  })
})

describe('fit', () => {
  const fit = (fields: object) =>
    post('/tabpfn/fit', { train_set_upload_id: upload, task: 'classification', ...fields })

  test.each<[string, object, string[]]>([
    ['an id that is no UUID', { train_set_upload_id: 'nope' }, ['train_set_upload_id']],
    ['no task', { task: undefined }, ['task']],
    ['an unknown task', { task: 'clustering' }, ['task']],
    [
      'an unknown setting',
      { tabpfn_config: { n_estimator: 3, speed: 1 } },
      ['tabpfn_config.n_estimator', 'tabpfn_config.speed'],
    ],
    ['a setting out of range', { tabpfn_config: { n_estimators: 0 } }, ['tabpfn_config.n_estimators']],
    ['a setting of another type', { tabpfn_config: { random_state: 'x' } }, ['tabpfn_config.random_state']],
    [
      'a wrong key of inference_config',
      { tabpfn_config: { inference_config: { FINGERPRINT_FEATURE: 'yes' } } },
      ['tabpfn_config.inference_config.FINGERPRINT_FEATURE'],
    ],
    ['an unknown model', { tabpfn_config: { model_path: 'gpt' } }, ['tabpfn_config.model_path']],
    ['a model of the other task', { tabpfn_config: { model_path: 'other' } }, ['tabpfn_config.model_path']],
    ['a thinking metric without thinking', { thinking_effort_metric: 'mcc' }, ['thinking_effort_metric']],
    ['a thinking metric of numbers', { thinking_effort: 'high', thinking_metric: 'r2' }, ['thinking_metric']],
    [
      'balancing of a regression',
      { task: 'regression', tabpfn_config: { balance_probabilities: true } },
      ['tabpfn_config.balance_probabilities'],
    ],
  ])('with %s is a 422 that names the field', async (_, fields, blamed) => {
    expectError(await fit(fields), 422, 'REQUEST_VALIDATION_ERROR', blamed)
  })

  test('of an unknown upload is a 404', async () => {
    expectError(await fit({ train_set_upload_id: UNKNOWN }), 404, 'NOT_FOUND')
  })

  test('of an upload that has not arrived is a 422 that names the file', async () => {
    const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
    const { json } = await post('/tabpfn/prepare_train_set_upload', body)
    const id = json.train_set_upload_id
    expectError(await fit({ train_set_upload_id: id }), 422, 'UPLOAD_INCOMPLETE', ['x_train'])
  })

  test('of a test set is a 404', async () => {
    const id = await uploadTestSet(server, classifier, 'a,b\n1,2\n')
    expectError(await fit({ train_set_upload_id: id }), 404, 'NOT_FOUND')
  })

  test('that finds bad data keeps the upload, so that a better request works', async () => {
    const id = await uploadTrainSet(server, { ...CLASSES_CSV, y: 'y\n1\n2\n' })
    expectError(await fit({ train_set_upload_id: id }), 422, 'ROW_COUNT_MISMATCH')
    const before = predictor.calls.fit
    expectError(await fit({ train_set_upload_id: id }), 422, 'ROW_COUNT_MISMATCH')
    expect(predictor.calls.fit).toBe(before + 1)
  })

  test('when the engine is full is a 503 that says when to come back', async () => {
    predictor.failure = new AppError('SERVER_BUSY', { headers: { 'retry-after': '2' } })
    const answer = await fit({ tabpfn_config: { random_state: 12 } })
    expectError(answer, 503, 'SERVER_BUSY')
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(answer.json.retryable).toBe(true)
  })

  test('that meets a bug is a 500 without any detail of it', async () => {
    predictor.failure = new Error('secret /etc/passwd')
    const answer = await fit({ tabpfn_config: { random_state: 13 } })
    expectError(answer, 500, 'GENERAL_ERROR')
    expect(answer.text).not.toContain('secret')
  })
})

describe('predict', () => {
  let testSet: string
  beforeAll(async () => {
    testSet = await uploadTestSet(server, classifier, 'a,b\n1,2\n')
  })
  const predict = (fields: object) =>
    post('/tabpfn/predict', {
      fitted_train_set_id: classifier,
      test_set_upload_id: testSet,
      task_config: {},
      ...fields,
    })

  test.each<[string, object, string[]]>([
    ['no task_config', { task_config: undefined }, ['task_config']],
    [
      'an unknown output',
      { task_config: { predict_params: { output_type: 'x' } } },
      ['task_config.predict_params.output_type'],
    ],
    [
      'an output of the other task',
      { task_config: { predict_params: { output_type: 'mean' } } },
      ['task_config.predict_params.output_type'],
    ],
    [
      'a quantile above 1',
      { task_config: { predict_params: { quantiles: [0.5, 2] } } },
      ['task_config.predict_params.quantiles.1'],
    ],
    [
      'quantiles of classes',
      { task_config: { predict_params: { quantiles: [0.5] } } },
      ['task_config.predict_params.quantiles'],
    ],
    ['an unknown setting', { task_config: { tabpfn_config: { x: 1 } } }, ['task_config.tabpfn_config.x']],
  ])('with %s is a 422 that names the field', async (_, fields, blamed) => {
    expectError(await predict(fields), 422, 'REQUEST_VALIDATION_ERROR', blamed)
  })

  test('of another task than the fit is a 422', async () => {
    expectError(await predict({ task_config: { task: 'regression' } }), 422, 'TASK_MISMATCH', [
      'task_config.task',
    ])
  })

  test('with unknown ids is a 404', async () => {
    expectError(await predict({ fitted_train_set_id: UNKNOWN }), 404, 'NOT_FOUND')
    expectError(await predict({ test_set_upload_id: UNKNOWN }), 404, 'NOT_FOUND')
    const body = { fitted_train_set_id: UNKNOWN, x_test_info: { format: 'csv' } }
    expectError(await post('/tabpfn/prepare_test_set_upload', body), 404, 'NOT_FOUND')
  })

  test('with the test set of another model is a 422', async () => {
    expectError(await predict({ fitted_train_set_id: regressor }), 422, 'REQUEST_VALIDATION_ERROR', [
      'test_set_upload_id',
    ])
  })

  test('with a wrong number of columns is a 422', async () => {
    const id = await uploadTestSet(server, classifier, 'a,b,c\n1,2,3\n')
    expectError(await predict({ test_set_upload_id: id }), 422, 'WRONG_COLUMNS')
  })

  test('with more rows than "full" allows is a 422 that says so', async () => {
    const id = await uploadTestSet(server, regressor, `a,b\n${'1,2\n'.repeat(6)}`)
    const fields = { fitted_train_set_id: regressor, test_set_upload_id: id }
    const full = await predict({ ...fields, task_config: { predict_params: { output_type: 'full' } } })
    expectError(full, 422, 'LIMIT_EXCEEDED')
    expect(full.json.message).toContain('"full"')
    expect((await predict(fields)).status).toBe(200)
  })

  test('with more pairs of rows than the budget is a 422 that says so', async () => {
    const id = await uploadTestSet(server, regressor, `a,b\n${'1,2\n'.repeat(9)}`)
    const answer = await predict({ fitted_train_set_id: regressor, test_set_upload_id: id })
    expectError(answer, 422, 'LIMIT_EXCEEDED')
    expect(answer.json.message).toContain('fitted on 10 rows')
  })

  test('never sends a number that is not one: it fails instead', async () => {
    const broken = new FakePredictor()
    const answer = broken.predict.bind(broken)
    broken.predict = async (work, signal) => {
      const result = await answer(work, signal)
      if (result.values.output === 'mean') result.values.values[0] = Number.NaN
      return result
    }
    const other = await startTestServer({ predictor: broken })
    const fit = await fitTrainSet(other, NUMBERS_CSV, { task: 'regression' })
    const id = await uploadTestSet(other, fit, 'a,b\n1,2\n')
    const body = { fitted_train_set_id: fit, test_set_upload_id: id, task_config: {} }
    const refused = await other.call('POST', '/tabpfn/predict', { body })
    expect([refused.status, refused.json.error_code]).toEqual([500, 'GENERAL_ERROR'])
    await other.close()
  })
})

test('a trace id of the client is the trace id of the error', async () => {
  const headers = { 'sentry-trace': '0123456789abcdef0123456789abcdef-0123456789abcdef' }
  const { json } = await get('/nothing', { headers })
  expect(json.trace_id).toBe('01234567-89ab-cdef-0123-456789abcdef')
})

test('bytes that are not HTTP are answered with the envelope', async () => {
  const { port, hostname } = new URL(server.url)
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write('nonsense\r\n\r\n'))
    let received = ''
    socket.on('data', (data) => {
      received += data.toString()
    })
    socket.on('end', () => resolve(received))
    socket.on('error', reject)
  })
  expect(text).toMatch(/^HTTP\/1\.1 400 /)
  expect(errorEnvelopeSchema.parse(JSON.parse(text.split('\r\n\r\n')[1]!)).error_code).toBe(
    'MALFORMED_REQUEST',
  )
})
