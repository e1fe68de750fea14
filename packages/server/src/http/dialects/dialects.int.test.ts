/** The three forms in which clients ask for a fit, at once and as a job, over a real socket. */
import { fitStatusResponseSchema } from '@posterior/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../domain/app-error.ts'
import { FakePredictor } from '../../testing/fake-predictor.ts'
import {
  type Answer,
  CLASSES_CSV,
  startTestServer,
  type TestServer,
  until,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from '../../testing/test-server.ts'

let server: TestServer
let predictor: FakePredictor

beforeEach(async () => {
  predictor = new FakePredictor()
  server = await startTestServer({ predictor })
  await whenReady(server)
})
afterEach(() => server.close())

const post = (path: string, body: object) => server.call('POST', `/tabpfn/${path}`, { body })
const train = () => uploadTrainSet(server, CLASSES_CSV)

/** Let no fit end until the answer is called. */
function hold(): () => void {
  const gate = Promise.withResolvers<void>()
  const fit = predictor.fit.bind(predictor)
  predictor.fit = async (work, signal) => {
    await gate.promise
    return fit(work, signal)
  }
  return gate.resolve
}

const status = async (id: string): Promise<Answer> => {
  const answer = await post('get_fit_status', { fitted_train_set_id: id })
  expect(fitStatusResponseSchema.parse(answer.json)).toEqual(answer.json)
  return answer
}

/** What client 0.4.1 and later send. */
const nested = (id: string, config: object = { random_state: 0, ignore_pretraining_limits: false }) => ({
  train_set_upload_id: id,
  task_config: { task: 'classification', tabpfn_config: config },
  tabpfn_systems: ['preprocessing', 'text'],
})

test('flat and nested requests for the same fit are the same fit', async () => {
  const id = await train()
  const tabpfn_config = { n_estimators: 2 }
  const first = await post('fit', { train_set_upload_id: id, task: 'classification', tabpfn_config })
  const second = await post('fit', nested(id, tabpfn_config))
  expect(second.status).toBe(200)
  expect(second.json).toEqual(first.json)
})

test('what is wrong in a nested request is said of its own field', async () => {
  const id = await train()
  const fields = async (body: object, path = 'fit') => {
    const answer = await post(path, body)
    expect(answer.status).toBe(422)
    return answer.json.errors.map((error: { field: string }) => error.field)
  }
  const cases: [object, string][] = [
    [nested(id, { n_estimators: 0 }), 'task_config.tabpfn_config.n_estimators'],
    [nested(id, { n_estimator: 2 }), 'task_config.tabpfn_config.n_estimator'],
    [nested(id, { model_path: 'nothing' }), 'task_config.tabpfn_config.model_path'],
    [
      nested(id, { inference_config: { FINGERPRINT_FEATURE: 1 } }),
      'task_config.tabpfn_config.inference_config.FINGERPRINT_FEATURE',
    ],
    [{ ...nested(id), task_config: {} }, 'task_config.task'],
    [{ ...nested(id), thinking_config: { effort: 'low' } }, 'thinking_config.effort'],
    [{ ...nested(id), thinking_config: { timeout_secs: 9 } }, 'thinking_config.timeout_secs'],
    [{ ...nested(id), tabpfn_systems: ['thought'] }, 'tabpfn_systems.0'],
    [{ ...nested(id), text_handling: 'none' }, 'text_handling'],
  ]
  for (const [body, field] of cases) {
    expect(await fields(body)).toEqual([field])
    expect(await fields(body, 'submit_fit_job')).toEqual([field])
  }
  expect(await fields({ ...nested(id), task: 'regression' })).toEqual(['task'])
  expect(await fields({ ...nested(id), tabpfn_config: { n_estimators: 1 } })).toEqual(['tabpfn_config'])
  expect(await fields({ train_set_upload_id: id })).toEqual(['task'])
  expect(await fields({ train_set_upload_id: id }, 'submit_fit_job')).toEqual(['task_config'])
})

describe('a fit as a job', () => {
  test('is answered at once, is pending and then completed, and predicts', async () => {
    const release = hold()
    const submitted = await post('submit_fit_job', nested(await train()))
    expect(submitted.status).toBe(200)
    expect(Object.keys(submitted.json)).toEqual(['fitted_train_set_id'])
    const id = submitted.json.fitted_train_set_id
    expect((await status(id)).json).toMatchObject({ status: 'pending', error: null, error_code: null })
    expect((await status(id)).json.retry_in_secs).toBeGreaterThan(0)
    release()
    await until(async () => (await status(id)).json.status === 'completed')
    expect((await status(id)).json.retry_in_secs).toBeNull()
    const test_set_upload_id = await uploadTestSet(server, id, 'a,b\n1,2\n')
    const task_config = { task: 'classification', predict_params: { output_type: 'preds' } }
    const answer = await post('predict', { fitted_train_set_id: id, test_set_upload_id, task_config })
    expect(answer.json.prediction).toEqual(['no'])
  })

  test('cannot predict while it runs', async () => {
    const release = hold()
    const id = (await post('submit_fit_job', nested(await train()))).json.fitted_train_set_id
    const test_set_upload_id = await uploadTestSet(server, id, 'a,b\n1,2\n')
    const answer = await post('predict', { fitted_train_set_id: id, test_set_upload_id, task_config: {} })
    expect([answer.status, answer.json.error_code]).toEqual([422, 'FIT_NOT_COMPLETED'])
    expect(answer.json.message).toContain('pending')
    release()
  })

  test('that fails says so with status 200 and the reason', async () => {
    predictor.failure = new AppError('ONE_CLASS', { message: 'only one class' })
    const id = (await post('submit_fit_job', nested(await train()))).json.fitted_train_set_id
    await until(async () => (await status(id)).json.status !== 'pending')
    const answer = await status(id)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      fitted_train_set_id: id,
      status: 'failed',
      retry_in_secs: null,
      error: 'only one class',
      error_code: 'ONE_CLASS',
    })
    expect((await server.call('GET', `/tabpfn/fit/${id}`)).json).toEqual(answer.json)
  })

  test('that fails by a bug tells nothing of the bug', async () => {
    predictor.failure = new Error('secret detail')
    const id = (await post('submit_fit_job', nested(await train()))).json.fitted_train_set_id
    await until(async () => (await status(id)).json.status !== 'pending')
    const { json, text } = await status(id)
    expect(json).toMatchObject({ status: 'failed', error_code: 'GENERAL_ERROR' })
    expect(text).not.toContain('secret')
  })

  test('is not started for an upload that is not there', async () => {
    const body = { x_train_info: { format: 'csv' }, y_train_info: { format: 'csv' } }
    const { json } = await post('prepare_train_set_upload', body)
    const answer = await post('submit_fit_job', nested(json.train_set_upload_id))
    expect([answer.status, answer.json.error_code]).toEqual([422, 'UPLOAD_INCOMPLETE'])
  })

  test('asked for twice at once is one fit, and both ids can be asked about', async () => {
    const id = await train()
    const before = predictor.calls.fit
    const release = hold()
    const answers = await Promise.all([1, 2, 3].map(() => post('submit_fit_job', nested(id))))
    const ids = new Set(answers.map(({ json }) => json.fitted_train_set_id))
    expect(ids.size).toBe(1)
    release()
    for (const fit of ids) await until(async () => (await status(fit)).json.status === 'completed')
    expect(predictor.calls.fit).toBe(before + 1)
  })
})

test('async_mode makes fit answer pending at once, and GET tells how it stands', async () => {
  const release = hold()
  const body = { train_set_upload_id: await train(), task: 'classification', async_mode: true }
  const { json } = await post('fit', body)
  expect(json.status).toBe('pending')
  const get = () => server.call('GET', `/tabpfn/fit/${json.fitted_train_set_id}`)
  expect((await get()).json).toEqual(
    expect.objectContaining({
      fitted_train_set_id: json.fitted_train_set_id,
      status: 'pending',
      error: null,
    }),
  )
  release()
  await until(async () => (await get()).json.status === 'completed')
  expect((await post('fit', body)).json.status).toBe('completed')
})

test('an unknown fit and an id that is none are refused', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000'
  expect((await post('get_fit_status', { fitted_train_set_id: unknown })).status).toBe(404)
  expect((await server.call('GET', `/tabpfn/fit/${unknown}`)).status).toBe(404)
  const malformed = await post('get_fit_status', { fitted_train_set_id: '7' })
  expect([malformed.status, malformed.json.errors[0].field]).toEqual([422, 'fitted_train_set_id'])
  expect((await server.call('GET', '/tabpfn/fit/7')).status).toBe(422)
})
