/** `inference_config` over HTTP, with the real engine and random weights: what is honoured acts, the rest is a 422. */
import { INFERENCE_FIELDS } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EngineServer, startEngineServer } from './testing/engine-server.ts'
import { type Answer, uploadTestSet, uploadTrainSet } from './testing/test-server.ts'

let server: EngineServer
const uploads = new Map<string, string>()

const ROWS = Array.from({ length: 48 }, (_, i) => i)
const LETTERS = ['a', 'b', 'c']
const feature = (i: number) => [i, (i * i) % 17, i % 11 === 0 ? 500 : (i * 7) % 13, LETTERS[i % 3], i % 2]
const X = ['p,q,r,s,t', ...ROWS.map((i) => feature(i).join(','))].join('\n')
const Y = {
  classification: ['y', ...ROWS.map((i) => ['u', 'v', 'w'][(i % 7) % 3])].join('\n'),
  regression: ['y', ...ROWS.map((i) => (1 + (i % 5)) ** 3 + i)].join('\n'),
}
const QUERY = ['p,q,r,s,t', '3.5,8,2,a,1', '100,3,900,b,0'].join('\n')

beforeAll(async () => {
  server = await startEngineServer({ models: [{ limits: { rows: 45, columns: 50, classes: 10 } }] })
  for (const task of ['classification', 'regression'] as const) {
    uploads.set(task, await uploadTrainSet(server, { x: X, y: Y[task] }))
  }
}, 60_000)
afterAll(() => server.close())

type Task = 'classification' | 'regression'

function fit(inference_config: object, task: Task = 'classification', more: object = {}): Promise<Answer> {
  return server.call('POST', '/tabpfn/fit', {
    body: {
      train_set_upload_id: uploads.get(task),
      task_config: { task, tabpfn_config: { n_estimators: 3, inference_config, ...more } },
    },
  })
}

async function predict(fitId: string, task: Task = 'classification', config?: object): Promise<Answer> {
  const test_set_upload_id = await uploadTestSet(server, fitId, QUERY)
  const body = {
    fitted_train_set_id: fitId,
    test_set_upload_id,
    task_config: { task, ...(config && { tabpfn_config: config }) },
  }
  return server.call('POST', '/tabpfn/predict', { body })
}

const transform = (fields: object) => ({ PREPROCESS_TRANSFORMS: [{ name: 'none', ...fields }] })

/** By key: what to send, with the keys that it needs beside it. */
const HONOURED: Record<string, [object, Task]> = {
  PREPROCESS_TRANSFORMS: [transform({ name: 'quantile_norm', append_original: true }), 'classification'],
  MAX_UNIQUE_FOR_CATEGORICAL_FEATURES: [{ MAX_UNIQUE_FOR_CATEGORICAL_FEATURES: 2 }, 'classification'],
  MIN_UNIQUE_FOR_NUMERICAL_FEATURES: [
    { MIN_UNIQUE_FOR_NUMERICAL_FEATURES: 20, MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE: 10 },
    'classification',
  ],
  MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE: [
    { MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE: 10 },
    'classification',
  ],
  OUTLIER_REMOVAL_STD: [{ OUTLIER_REMOVAL_STD: 1 }, 'classification'],
  _REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD: [{ _REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD: 1 }, 'regression'],
  _CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD: [
    { _CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD: 1 },
    'classification',
  ],
  FEATURE_SHIFT_METHOD: [{ FEATURE_SHIFT_METHOD: null }, 'classification'],
  CLASS_SHIFT_METHOD: [{ CLASS_SHIFT_METHOD: 'rotate' }, 'classification'],
  FINGERPRINT_FEATURE: [{ FINGERPRINT_FEATURE: true }, 'classification'],
  POLYNOMIAL_FEATURES: [{ POLYNOMIAL_FEATURES: 2 }, 'classification'],
  SUBSAMPLE_SAMPLES: [{ SUBSAMPLE_SAMPLES: 0.5 }, 'classification'],
  FEATURE_SUBSAMPLING_METHOD: [
    { ...transform({ max_features_per_estimator: 2 }), FEATURE_SUBSAMPLING_METHOD: 'random' },
    'classification',
  ],
  FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT: [
    {
      ...transform({ max_features_per_estimator: 2 }),
      FEATURE_SUBSAMPLING_METHOD: 'constant_and_balanced',
      FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT: 1,
    },
    'classification',
  ],
  FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT: [
    {
      ...transform({ max_features_per_estimator: 2 }),
      FEATURE_SUBSAMPLING_METHOD: 'gini_feature_importance',
      FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT: 1,
    },
    'classification',
  ],
  REGRESSION_Y_PREPROCESS_TRANSFORMS: [
    { REGRESSION_Y_PREPROCESS_TRANSFORMS: ['quantile_norm', null] },
    'regression',
  ],
}

test('the honoured keys of this test are those of the table', () => {
  const listed = INFERENCE_FIELDS.filter(({ effect, acts }) => effect === 'honoured' && acts === 'ensemble')
  expect(Object.keys(HONOURED).sort()).toEqual(listed.map(({ name }) => name as string).sort())
})

test.each(Object.entries(HONOURED))('%s changes the answer and is echoed', async (_, [config, task]) => {
  const plain = await predict((await fit({}, task)).json.fitted_train_set_id, task)
  const fitted = await fit(config, task)
  expect([fitted.status, fitted.json.message]).toEqual([200, undefined])
  const answer = await predict(fitted.json.fitted_train_set_id, task)
  expect(answer.status).toBe(200)
  expect(answer.json.prediction).not.toEqual(plain.json.prediction)
  expect(answer.json.metadata.tabpfn_config.inference_config).toMatchObject(config)
})

test('each key of no effect is accepted and changes nothing', async () => {
  const plain = await predict((await fit({})).json.fitted_train_set_id)
  for (const { name } of INFERENCE_FIELDS.filter(({ effect }) => effect === 'accepted')) {
    const fitted = await fit({ [name]: true })
    expect([name, fitted.status]).toEqual([name, 200])
    const answer = await predict(fitted.json.fitted_train_set_id)
    expect(answer.json.prediction).toEqual(plain.json.prediction)
  }
})

test('a prediction may ask for another ensemble, which is fitted once', async () => {
  const id = (await fit({})).json.fitted_train_set_id
  const config = { n_estimators: 3, inference_config: { POLYNOMIAL_FEATURES: 'all' } }
  const own = await predict((await fit(config.inference_config)).json.fitted_train_set_id)
  const asked = await predict(id, 'classification', config)
  expect(asked.json.prediction).toEqual(own.json.prediction)
})

const PATH = 'task_config.tabpfn_config.inference_config'

test.each<[object, string]>([
  [{ NO_SUCH_KEY: 1 }, 'NO_SUCH_KEY'],
  [transform({ differentiable: true }), 'PREPROCESS_TRANSFORMS.0.differentiable'],
  [{ PREPROCESS_TRANSFORMS: [{ name: 'log' }] }, 'PREPROCESS_TRANSFORMS.0.name'],
  [transform({ categorical_name: 'target' }), 'PREPROCESS_TRANSFORMS.0.categorical_name'],
  [transform({ max_features: 3 }), 'PREPROCESS_TRANSFORMS.0.max_features'],
  [{ MAX_UNIQUE_FOR_CATEGORICAL_FEATURES: -1 }, 'MAX_UNIQUE_FOR_CATEGORICAL_FEATURES'],
  [{ OUTLIER_REMOVAL_STD: 0 }, 'OUTLIER_REMOVAL_STD'],
  [{ FEATURE_SHIFT_METHOD: 'turn' }, 'FEATURE_SHIFT_METHOD'],
  [{ CLASS_SHIFT_METHOD: 1 }, 'CLASS_SHIFT_METHOD'],
  [{ FINGERPRINT_FEATURE: 'yes' }, 'FINGERPRINT_FEATURE'],
  [{ POLYNOMIAL_FEATURES: 0 }, 'POLYNOMIAL_FEATURES'],
  [{ SUBSAMPLE_SAMPLES: 2.5 }, 'SUBSAMPLE_SAMPLES'],
  // Known only once the data is read.
  [{ SUBSAMPLE_SAMPLES: [[0, 1, 48]] }, 'SUBSAMPLE_SAMPLES'],
  [{ FEATURE_SUBSAMPLING_METHOD: 'best' }, 'FEATURE_SUBSAMPLING_METHOD'],
  [{ REGRESSION_Y_PREPROCESS_TRANSFORMS: ['per_feature'] }, 'REGRESSION_Y_PREPROCESS_TRANSFORMS.0'],
  [{ FIX_NAN_BORDERS_AFTER_TARGET_TRANSFORM: false }, 'FIX_NAN_BORDERS_AFTER_TARGET_TRANSFORM'],
  [{ PASSTHROUGH_INF: false }, 'PASSTHROUGH_INF'],
  [{ MAX_NUMBER_OF_CLASSES: 0 }, 'MAX_NUMBER_OF_CLASSES'],
])('%j is a 422 that names %s', async (config, key) => {
  const answer = await fit(config)
  expect(answer.status).toBe(422)
  expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual([`${PATH}.${key}`])
})

test('the limits of a request stand in for those of the model while these are not ignored', async () => {
  const strict = { ignore_pretraining_limits: false }
  const refused = await fit({}, 'classification', strict)
  expect([refused.status, refused.json.error_code]).toEqual([422, 'MODEL_RANGE_EXCEEDED'])
  expect(refused.json.message).toMatch(/48 rows.*limit is 45/)
  expect((await fit({ MAX_NUMBER_OF_SAMPLES: 48 }, 'classification', strict)).status).toBe(200)
  expect((await fit({ SUBSAMPLE_SAMPLES: 40 }, 'classification', strict)).status).toBe(200)
  for (const key of ['MAX_NUMBER_OF_CLASSES', 'MAX_NUMBER_OF_FEATURES', 'MAX_CPU_SAMPLES']) {
    const answer = await fit({ MAX_NUMBER_OF_SAMPLES: 48, [key]: 2 }, 'classification', strict)
    expect([key, answer.status, answer.json.error_code]).toEqual([key, 422, 'MODEL_RANGE_EXCEEDED'])
    expect((await fit({ [key]: 2 })).status).toBe(200)
  }
})
