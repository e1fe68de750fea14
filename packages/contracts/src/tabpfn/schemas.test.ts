import { expect, test } from 'vitest'
import { CONFIG_FIELDS, tabpfnConfigSchema } from './config.ts'
import { renderTabpfnConfigReference } from './config-reference.ts'
import { fitRequestSchema } from './fit.ts'
import { INFERENCE_FIELDS, inferenceConfigSchema, preprocessTransformSchema } from './inference-config.ts'
import { parseModelPath } from './model-names.ts'
import { predictRequestSchema } from './predict.ts'
import { DEFAULT_MODEL_VERSION, MODEL_VERSIONS } from './settings.ts'
import { fileInfoSchema } from './uploads.ts'

const id = '0B6E5B7E-7C3F-4B0C-9B58-2B1A0D7A1C11'

test('the field table lists exactly the fields of the schema', () => {
  const listed = CONFIG_FIELDS.map((field) => field.name).sort()
  expect(listed).toEqual(Object.keys(tabpfnConfigSchema.shape).sort())
})

test('every field may be null, as the oldest clients send it', () => {
  const nulls = Object.fromEntries(CONFIG_FIELDS.map((field) => [field.name, null]))
  expect(tabpfnConfigSchema.safeParse(nulls).success).toBe(true)
})

test('an unknown field is refused and named', () => {
  const result = tabpfnConfigSchema.safeParse({ n_estimator: 3 })
  expect(result.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['n_estimator'] })
})

test('the table of inference_config lists exactly the keys of its schema', () => {
  const listed = INFERENCE_FIELDS.map((field) => field.name).sort()
  expect(listed).toEqual(Object.keys(inferenceConfigSchema.shape).sort())
  const nulls = Object.fromEntries(listed.map((name) => [name, null]))
  expect(tabpfnConfigSchema.safeParse({ inference_config: nulls }).success).toBe(true)
})

test('the reference page has a row for every field, key and part of a transform', () => {
  const page = renderTabpfnConfigReference()
  const names = [tabpfnConfigSchema, inferenceConfigSchema, preprocessTransformSchema].flatMap((schema) =>
    Object.keys(schema.shape),
  )
  for (const name of names) expect(page).toContain(`\n| \`${name}\` | `)
  expect(page).not.toMatch(/undefined|\| {2}\|/)
})

test.each([
  [{ PREPROCESS_TRANSFORMS: [] }],
  [{ PREPROCESS_TRANSFORMS: [{ name: 'log' }] }],
  [{ PREPROCESS_TRANSFORMS: [{ name: 'none', differentiable: true }] }],
  [{ PREPROCESS_TRANSFORMS: [{ name: 'none', max_features: 3 }] }],
  [{ OUTLIER_REMOVAL_STD: 0 }],
  [{ FEATURE_SHIFT_METHOD: 'turn' }],
  [{ POLYNOMIAL_FEATURES: 2001 }],
  [{ SUBSAMPLE_SAMPLES: 1.5 }],
  [{ SUBSAMPLE_SAMPLES: [[]] }],
  [{ REGRESSION_Y_PREPROCESS_TRANSFORMS: ['norm_and_kdi'] }],
  [{ FIX_NAN_BORDERS_AFTER_TARGET_TRANSFORM: false }],
  [{ MAX_NUMBER_OF_SAMPLES: 0 }],
  [{ POLYNOMIAL_FEATURE: 'all' }],
])('inference_config %j is refused', (inference_config) => {
  expect(tabpfnConfigSchema.safeParse({ inference_config }).success).toBe(false)
})

test('a transform that names only its scaling has the defaults of the interface', () => {
  const { inference_config } = tabpfnConfigSchema.parse({
    inference_config: { PREPROCESS_TRANSFORMS: [{ name: 'safepower' }] },
  })
  expect(inference_config?.PREPROCESS_TRANSFORMS).toEqual([
    {
      name: 'safepower',
      categorical_name: 'none',
      append_original: false,
      max_features_per_estimator: 500,
      differentiable: false,
    },
  ])
})

test.each([
  ['n_estimators', 0],
  ['n_estimators', 33],
  ['n_estimators', 1.5],
  ['softmax_temperature', 0],
  ['categorical_features_indices', [-1]],
  ['random_state', 'x'],
])('%s = %j is refused', (field, value) => {
  expect(tabpfnConfigSchema.safeParse({ [field]: value }).success).toBe(false)
})

test('a fit request of the oldest client, nulls and all, is accepted; ids are lowered', () => {
  const parsed = fitRequestSchema.parse({
    train_set_upload_id: id,
    task: 'classification',
    tabpfn_systems: ['preprocessing', 'text'],
    tabpfn_config: null,
    thinking_effort: null,
    thinking_timeout_s: null,
    thinking_effort_metric: null,
    force_refit: false,
    async_mode: false,
  })
  expect(parsed.train_set_upload_id).toBe(id.toLowerCase())
})

test('a predict request needs a task_config but not a task in it', () => {
  const ids = { test_set_upload_id: id, fitted_train_set_id: id }
  expect(predictRequestSchema.safeParse({ ...ids, task_config: {} }).success).toBe(true)
  expect(predictRequestSchema.safeParse(ids).success).toBe(false)
  const config = { task_config: { predict_params: { output_type: 'quantiles', quantiles: [1.5] } } }
  expect(predictRequestSchema.safeParse({ ...ids, ...config }).success).toBe(false)
})

test.each(['AAAAAA==', '4waSgw==', 'yZRlqg=='])('%s is a CRC32C', (hash) => {
  expect(fileInfoSchema.safeParse({ format: 'csv', hash, filename: 'ignored' }).success).toBe(true)
})

test.each(['', 'AAAAAA', 'AAAAAAAA', 'AAAAAB==', 'd41d8cd98f00b204e9800998ecf8427e'])(
  '%j is not a CRC32C',
  (hash) => {
    expect(fileInfoSchema.safeParse({ format: 'csv', hash }).success).toBe(false)
  },
)

test.each([
  null,
  'auto',
  'default',
  'v2_default',
  'v2.5_default-2',
  'tabpfn-v3-classifier-v3_default.ckpt',
  'tabpfn-v2.5-classifier-v2.5_default.ckpt',
  'v3.5-fast_default',
  'tabpfn-v3.5-fast-classifier-v3.5-fast_default.ckpt',
])('model_path %j selects the default model', (path) => {
  expect(parseModelPath(path, 'classification')).toMatchObject({ kind: 'default' })
})

test('the name of a version tells which version was asked for', () => {
  const version = (path: string) => parseModelPath(path, 'classification')
  expect(version('tabpfn-v2.5-classifier-v2.5_default-2.ckpt')).toEqual({ kind: 'default', version: 'v2.5' })
  expect(version('v3.5-fast_default')).toEqual({ kind: 'default', version: 'v3.5-fast' })
  expect(version('auto')).toEqual({ kind: 'default' })
})

test('a particular checkpoint stays a name, and a checkpoint of the other task is refused', () => {
  const path = 'tabpfn-v2-regressor-2noar4o2.ckpt'
  expect(parseModelPath(path, 'regression')).toEqual({ kind: 'named', name: '2noar4o2' })
  expect(parseModelPath(path, 'classification')).toBeUndefined()
  expect(parseModelPath('nano', 'regression')).toEqual({ kind: 'named', name: 'nano' })
})

test('the default version is one of the versions, which clients rely on', () => {
  expect(MODEL_VERSIONS).toContain(DEFAULT_MODEL_VERSION)
})
