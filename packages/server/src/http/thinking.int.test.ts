/** Thinking mode in every form in which clients ask for it, over a real socket and a predictor that only pretends. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FitWork } from '../domain/ports/predictor.ts'
import { FakePredictor } from '../testing/fake-predictor.ts'
import {
  CLASSES_CSV,
  NUMBERS_CSV,
  startTestServer,
  type TestServer,
  temporaryFolder,
  until,
  uploadTestSet,
  uploadTrainSet,
  whenReady,
} from '../testing/test-server.ts'

const ENV = { POSTERIOR_THINKING_MIN_ROWS: '10', POSTERIOR_THINKING_MAX_SECONDS: '2400' }

let server: TestServer
let predictor: FakePredictor
/** What the predictor was asked to fit. */
let works: FitWork[]

beforeEach(async () => {
  predictor = new FakePredictor()
  server = await startTestServer({ predictor, env: ENV })
  await whenReady(server)
  works = []
  const fit = predictor.fit.bind(predictor)
  predictor.fit = (work, signal) => {
    works.push(work)
    return fit(work, signal)
  }
})
afterEach(() => server.close())

const post = (path: string, body: object) => server.call('POST', `/tabpfn/${path}`, { body })
const classes = () => uploadTrainSet(server, CLASSES_CSV)
const flat = (id: string, rest: object, task = 'classification') => ({
  train_set_upload_id: id,
  task,
  ...rest,
})
const nested = (id: string, thinking: object | undefined, config: object = {}) => ({
  train_set_upload_id: id,
  task_config: { task: 'classification', tabpfn_config: config },
  tabpfn_systems: ['preprocessing', 'text', 'thinking'],
  ...(thinking && { thinking_config: thinking }),
})

async function predict(fitId: string, task: string, params: object = {}, config: object = {}) {
  return post('predict', {
    test_set_upload_id: await uploadTestSet(server, fitId, 'a,b\n1,2\n3,4\n'),
    fitted_train_set_id: fitId,
    task_config: { task, tabpfn_config: config, predict_params: params },
  })
}

describe('a fit with thinking', () => {
  test('is asked for by an effort, or by the system alone, which means medium', async () => {
    const id = await classes()
    expect((await post('fit', flat(id, { thinking_effort: 'high' }))).json.status).toBe('completed')
    expect((await post('fit', flat(id, { tabpfn_systems: ['preprocessing', 'thinking'] }))).json.status).toBe(
      'completed',
    )
    expect((await post('fit', nested(id, {}))).status).toBe(200)
    expect((await post('fit', flat(id, {}))).status).toBe(200)
    expect(works.map(({ thinking }) => thinking)).toEqual([
      { effort: 'high', seconds: 1200, minRows: 10 },
      { effort: 'medium', seconds: 300, minRows: 10 },
      undefined,
    ])
  })

  test('is one fit whichever form asks for it, and another one with another metric or time', async () => {
    const id = await classes()
    const asked = { effort: 'medium', timeout_secs: 60.5, metric: 'mcc' }
    const first = await post('fit', nested(id, asked))
    const flatFields = { thinking_effort: 'medium', thinking_timeout_s: 60.5 }
    const second = await post('fit', flat(id, { ...flatFields, thinking_effort_metric: 'mcc' }))
    const third = await post('fit', flat(id, { ...flatFields, thinking_metric: 'mcc' }))
    expect([second.json, third.json]).toEqual([first.json, first.json])
    await post('fit', nested(id, { ...asked, metric: 'accuracy' }))
    await post('fit', nested(id, { ...asked, timeout_secs: 61 }))
    expect(works.map(({ thinking }) => [thinking?.seconds, thinking?.metric])).toEqual([
      [60.5, 'mcc'],
      [60.5, 'accuracy'],
      [61, 'mcc'],
    ])
  })

  test('tells with its predictions what it chose', async () => {
    const { json } = await post('fit', nested(await classes(), { metric: 'mcc' }))
    const answer = await predict(json.fitted_train_set_id, 'classification')
    expect(answer.status).toBe(200)
    expect(answer.json.metadata.thinking).toMatchObject({
      effort: 'medium',
      metric: 'mcc',
      folds: 5,
      score: 0.5,
      baseline_score: 0.5,
      chosen: [{ weight: 1, settings: {} }],
    })
    const plain = await post('fit', flat(await classes(), {}))
    const other = await predict(plain.json.fitted_train_set_id, 'classification')
    expect(other.json.metadata).not.toHaveProperty('thinking')
  })

  test('that asks for more time than allowed gets the most, and its predictions say so', async () => {
    const { json } = await post('fit', nested(await classes(), { timeout_secs: 3600 }))
    expect(works[0]!.thinking!.seconds).toBe(2400)
    const { metadata } = (await predict(json.fitted_train_set_id, 'classification')).json
    expect(metadata.warnings.join()).toMatch(/2400 seconds.*3600 were asked for/)
  })

  test('can be a job, whose status tells why it failed', async () => {
    const submitted = await post('submit_fit_job', nested(await classes(), { effort: 'high' }))
    const status = () => post('get_fit_status', submitted.json)
    await until(async () => (await status()).json.status === 'completed')
    const few = await uploadTrainSet(server, { x: 'a,b\n1,2\n3,4\n', y: 'c\nno\nyes\n' })
    const failing = await post('submit_fit_job', nested(few, {}))
    await until(async () => (await post('get_fit_status', failing.json)).json.status === 'failed')
    const { error, error_code } = (await post('get_fit_status', failing.json)).json
    expect([error, error_code]).toEqual([
      expect.stringMatching(/needs 10 rows; .* 2\./),
      'REQUEST_VALIDATION_ERROR',
    ])
  })

  test('of too few rows is refused in the name of what turned thinking on', async () => {
    const few = await uploadTrainSet(server, { x: 'a,b\n1,2\n3,4\n', y: 'c\nno\nyes\n' })
    const fields = async (body: object) => {
      const { status, json } = await post('fit', body)
      expect(status).toBe(422)
      return json.errors.map(({ field }: { field: string }) => field)
    }
    expect(await fields(flat(few, { thinking_effort: 'high' }))).toEqual(['thinking_effort'])
    expect(await fields(nested(few, { effort: 'high' }))).toEqual(['thinking_config.effort'])
    expect(await fields(nested(few, undefined))).toEqual(['tabpfn_systems'])
  })

  test('survives a restart with what it may answer', async () => {
    const folder = await temporaryFolder()
    const first = await startTestServer({ dataDir: folder.path, env: ENV })
    const id = await uploadTrainSet(first, NUMBERS_CSV)
    const body = flat(id, { thinking_effort: 'medium' }, 'regression')
    const fitId = (await first.call('POST', '/tabpfn/fit', { body })).json.fitted_train_set_id
    await first.close()
    const second = await startTestServer({ dataDir: folder.path, env: ENV })
    const ask = async (output_type: string) =>
      second.call('POST', '/tabpfn/predict', {
        body: {
          test_set_upload_id: await uploadTestSet(second, fitId, 'a,b\n1,2\n'),
          fitted_train_set_id: fitId,
          task_config: { task: 'regression', predict_params: { output_type } },
        },
      })
    expect((await ask('mean')).json.metadata.thinking.effort).toBe('medium')
    expect((await ask('mode')).status).toBe(422)
    await second.close()
    await folder.cleanUp()
  })
})

describe('refused with the field that is wrong', () => {
  test.each<[string, object, string]>([
    ['time without thinking', { thinking_timeout_s: 10 }, 'thinking_timeout_s'],
    ['a metric without thinking', { thinking_effort_metric: 'mcc' }, 'thinking_effort_metric'],
    ['the other name of it', { thinking_metric: 'mcc' }, 'thinking_metric'],
    ['a nested metric without thinking', { thinking_config: { metric: 'mcc' } }, 'thinking_config.metric'],
    [
      'an unknown metric',
      { thinking_effort: 'high', thinking_effort_metric: 'f2' },
      'thinking_effort_metric',
    ],
    ['a metric of numbers', { thinking_effort: 'high', thinking_metric: 'rmse' }, 'thinking_metric'],
    [
      'two metrics',
      { thinking_effort: 'high', thinking_effort_metric: 'f1', thinking_metric: 'mcc' },
      'thinking_metric',
    ],
    ['both forms', { thinking_effort: 'high', thinking_config: { effort: 'high' } }, 'thinking_effort'],
    ['no time at all', { thinking_effort: 'high', thinking_timeout_s: 0 }, 'thinking_timeout_s'],
    ['an unknown effort', { thinking_effort: 'low' }, 'thinking_effort'],
    [
      'a version without thinking',
      { thinking_effort: 'high', tabpfn_config: { model_path: 'v2.5_default' } },
      'tabpfn_config.model_path',
    ],
    [
      'the checkpoint of one',
      {
        thinking_effort: 'high',
        tabpfn_config: { model_path: 'tabpfn-v2-classifier-v2_default.ckpt' },
      },
      'tabpfn_config.model_path',
    ],
  ])('%s', async (_, fields, blamed) => {
    const { status, json } = await post('fit', flat(await classes(), fields))
    expect([status, json.errors.map(({ field }: { field: string }) => field)]).toEqual([422, [blamed]])
    expect(works).toEqual([])
  })

  test('but a later version is the default model, with thinking', async () => {
    const config = { model_path: 'tabpfn-v3-classifier-v3_default.ckpt' }
    expect((await post('fit', nested(await classes(), {}, config))).json.status).toBe('completed')
  })

  test('outputs that a regression with thinking has not', async () => {
    const id = await uploadTrainSet(server, NUMBERS_CSV)
    const body = flat(id, { thinking_effort: 'medium', thinking_effort_metric: 'mae' }, 'regression')
    const { json } = await post('fit', body)
    const ask = (output_type: string) => predict(json.fitted_train_set_id, 'regression', { output_type })
    for (const output of ['mean', 'median', 'quantiles']) expect((await ask(output)).status).toBe(200)
    for (const output of ['mode', 'main', 'full']) {
      const { status, json: refused } = await ask(output)
      expect(status).toBe(422)
      expect(refused.errors[0].field).toBe('task_config.predict_params.output_type')
      expect(refused.message).toContain('mean, median, quantiles')
    }
  })

  test('another ensemble at the prediction than that of the fit, output settings apart', async () => {
    const config = { random_state: 0, n_estimators: 4 }
    const { json } = await post('fit', nested(await classes(), {}, config))
    const ask = (given: object) => predict(json.fitted_train_set_id, 'classification', {}, given)
    expect((await ask(config)).status).toBe(200)
    expect((await ask({ ...config, softmax_temperature: 0.5 })).status).toBe(200)
    const refused = await ask({ ...config, n_estimators: 8 })
    expect([refused.status, refused.json.errors[0].field]).toEqual([422, 'task_config.tabpfn_config'])
  })
})
