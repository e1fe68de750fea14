import {
  CATEGORY_ENCODINGS,
  INFERENCE_FIELDS,
  type InferenceConfig,
  inferenceConfigSchema,
  SCALING_NAMES,
  TARGET_SCALING_NAMES,
} from '@posterior/contracts'
import { SCALING_NAMES as ENGINE_SCALINGS } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { SETTING_KEYS, toEnsembleSettings } from './ensemble-settings.ts'

const settings = (config: InferenceConfig, task: 'classification' | 'regression' = 'regression') =>
  toEnsembleSettings(inferenceConfigSchema.parse(config), task)

test('the scalings of the interface are those of the engine', () => {
  expect(SCALING_NAMES).toEqual(ENGINE_SCALINGS)
  expect(TARGET_SCALING_NAMES).toHaveLength(SCALING_NAMES.length - 2)
})

test('keys without an effect, nulls and defaults of no effect ask for nothing', () => {
  const nothing = {
    PREPROCESS_TRANSFORMS: null,
    OUTLIER_REMOVAL_STD: 'auto',
    FINGERPRINT_FEATURE: false,
    POLYNOMIAL_FEATURES: 'no',
    SUBSAMPLE_SAMPLES: 1,
    ENABLE_GPU_PREPROCESSING: true,
    USE_SKLEARN_16_DECIMAL_PRECISION: true,
    PASSTHROUGH_INF: true,
  } as const
  expect(settings(nothing)).toEqual({})
  expect(settings({})).toEqual({})
})

test.each<[InferenceConfig, object]>([
  [{ OUTLIER_REMOVAL_STD: 7 }, { outlierSpreads: 7 }],
  [{ OUTLIER_REMOVAL_STD: null }, {}],
  [{ _REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD: 9 }, { outlierSpreads: 9 }],
  [{ _CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD: 9 }, {}],
  [{ FEATURE_SHIFT_METHOD: null }, { columnOrder: 'keep' }],
  [{ FEATURE_SHIFT_METHOD: 'rotate' }, { columnOrder: 'rotate' }],
  [{ CLASS_SHIFT_METHOD: null }, { classOrder: 'keep' }],
  [{ FINGERPRINT_FEATURE: true }, { fingerprint: true }],
  [{ POLYNOMIAL_FEATURES: 'all' }, { products: 'all' }],
  [{ POLYNOMIAL_FEATURES: 12 }, { products: 12 }],
  [{ SUBSAMPLE_SAMPLES: 20 }, { rowSample: { count: 20 } }],
  [{ SUBSAMPLE_SAMPLES: 0.5 }, { rowSample: { share: 0.5 } }],
  [{ SUBSAMPLE_SAMPLES: [[0, 1]] }, { rowSample: { rows: [[0, 1]] } }],
  [{ FEATURE_SUBSAMPLING_METHOD: 'auto' }, { columnSampling: 'balanced' }],
  [
    { FEATURE_SUBSAMPLING_METHOD: 'constant_and_balanced', FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT: 3 },
    { columnSampling: 'constant-and-balanced', constantColumns: 3 },
  ],
  [
    {
      FEATURE_SUBSAMPLING_METHOD: 'gini_feature_importance',
      FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT: 0.5,
    },
    { columnSampling: 'importance', importantColumns: { share: 0.5 } },
  ],
  [{ FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT: 3 }, {}],
  [{ REGRESSION_Y_PREPROCESS_TRANSFORMS: [null, 'power'] }, { targetScalings: [null, 'power'] }],
  [{ MAX_UNIQUE_FOR_CATEGORICAL_FEATURES: 5 }, { maxCategories: 5 }],
  [{ MIN_UNIQUE_FOR_NUMERICAL_FEATURES: 5 }, { minNumericDistinct: 5 }],
  [{ MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE: 5 }, { minRowsForCategoricalRule: 5 }],
  [{ MAX_NUMBER_OF_SAMPLES: 9, MAX_CPU_SAMPLES: 5 }, { limits: { rows: 5 } }],
  [{ MAX_NUMBER_OF_FEATURES: 9, MAX_NUMBER_OF_CLASSES: 5 }, { limits: { columns: 9, classes: 5 } }],
])('%j becomes %j', (config, expected) => {
  expect(settings(config)).toEqual(expected)
})

test('a transform keeps all of its parts, and target scalings are for regression only', () => {
  const transform = {
    name: 'quantile_uni_coarse',
    categorical_name: 'onehot',
    append_original: 'auto',
    max_features_per_estimator: 7,
    global_transformer_name: 'svd_quarter_components',
    max_onehot_cardinality: 9,
  } as const
  expect(
    settings({ PREPROCESS_TRANSFORMS: [{ ...transform, differentiable: false }] }, 'classification'),
  ).toEqual({
    pipelines: [
      {
        scaling: 'quantile_uni_coarse',
        categories: 'one-hot',
        keepsOriginal: 'auto',
        maxColumns: 7,
        components: 'quarter',
        maxOneHot: 9,
      },
    ],
  })
  for (const categorical_name of CATEGORY_ENCODINGS) {
    const [pipeline] = settings({
      PREPROCESS_TRANSFORMS: [{ ...transform, categorical_name, differentiable: false }],
    }).pipelines!
    expect(pipeline!.categories).toBeDefined()
  }
  expect(settings({ REGRESSION_Y_PREPROCESS_TRANSFORMS: ['power'] }, 'classification')).toEqual({})
})

test('every setting of the engine is named by a key that is honoured', () => {
  const honoured = INFERENCE_FIELDS.filter(({ effect }) => effect === 'honoured').map(({ name }) => name)
  for (const key of Object.values(SETTING_KEYS)) expect(honoured).toContain(key)
})
