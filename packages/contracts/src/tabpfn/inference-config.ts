/**
 * `inference_config`: how the members of the ensemble differ (tabpfn-api section 6.7). Every key is listed once in
 * `INFERENCE_FIELDS` with what this server does with it; one that is not listed is refused, so that none is dropped silently.
 */
import { z } from 'zod'
import type { ConfigField } from './config-field.ts'

const KDI_ALPHAS = [
  '0.05',
  '0.1',
  '0.2',
  '0.25',
  '0.3',
  '0.4',
  '0.5',
  '0.6',
  '0.8',
  '1.0',
  '1.2',
  '1.5',
  '1.8',
  '2.0',
  '2.5',
  '3.0',
  '5.0',
]

/** Scalings of columns, by the names of the interface. */
export const SCALING_NAMES = [
  ...['none', 'robust', 'power', 'safepower', 'power_box', 'safepower_box'],
  ...['quantile_uni_coarse', 'quantile_uni', 'quantile_uni_fine', 'quantile_uni_extrapolate'],
  ...['quantile_norm_coarse', 'quantile_norm', 'quantile_norm_fine'],
  ...['squashing_scaler_default', 'squashing_scaler_max10'],
  ...['kdi', 'kdi_uni', 'kdi_random_alpha', 'kdi_random_alpha_uni'],
  ...KDI_ALPHAS.flatMap((alpha) => [`kdi_alpha_${alpha}`, `kdi_alpha_${alpha}_uni`]),
  ...['adaptive', 'norm_and_kdi', 'per_feature'],
] as const

/** Scalings of a target: those that are one function, which can be undone. */
export const TARGET_SCALING_NAMES = SCALING_NAMES.filter(
  (name) => name !== 'norm_and_kdi' && name !== 'per_feature',
)

/** How categorical columns reach the model. */
export const CATEGORY_ENCODINGS = [
  'none',
  'numeric',
  'onehot',
  'ordinal',
  'ordinal_shuffled',
  'ordinal_very_common_categories_shuffled',
] as const

const COLUMN_METHODS = [
  'balanced',
  'random',
  'constant_and_balanced',
  'gini_feature_importance',
  'auto',
] as const

/** Most columns that products may add, and most lists or pipelines, which only members can use. */
const MAX_PRODUCTS = 2000
const MAX_ENTRIES = 32

/** One preprocessing; the members of the ensemble take them in turn. */
export const preprocessTransformSchema = z
  .strictObject({
    name: z.enum(SCALING_NAMES).describe('Scaling of the columns of numbers'),
    categorical_name: z
      .enum(CATEGORY_ENCODINGS)
      .default('none')
      .describe(
        'none and ordinal: codes in sorted order; ordinal_shuffled: codes in another order for each member; ' +
          'ordinal_very_common_categories_shuffled: only columns whose categories all have ten rows, others are ' +
          'numbers; numeric: numbers, scaled as such; onehot: a 0/1 column per category',
      ),
    append_original: z
      .union([z.boolean(), z.literal('auto')])
      .default(false)
      .describe(
        'Append the scaled columns to the original ones; auto: when twice the columns are within the cap',
      ),
    max_features_per_estimator: z
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe('A table with more columns is sampled for each member'),
    global_transformer_name: z
      .enum(['svd', 'svd_quarter_components'])
      .nullish()
      .describe(
        'Append principal components of the columns of numbers, of the first 500 when there are more',
      ),
    max_onehot_cardinality: z
      .int()
      .min(1)
      .nullish()
      .describe('Columns with more categories stay codes; null: no bound'),
    differentiable: z
      .literal(false, { error: 'gradients through the preprocessing are not computed by this server' })
      .default(false),
  })
  .meta({ id: 'PreprocessTransform', description: 'Preprocessing of a member' })

export type PreprocessTransform = z.infer<typeof preprocessTransformSchema>

const spread = z.number().positive().max(1e6)
const limit = z.int().min(1)

export const inferenceConfigSchema = z
  .strictObject({
    PREPROCESS_TRANSFORMS: z.array(preprocessTransformSchema).min(1).max(MAX_ENTRIES).nullish(),
    MAX_UNIQUE_FOR_CATEGORICAL_FEATURES: z.int().min(0).max(100_000).nullish(),
    MIN_UNIQUE_FOR_NUMERICAL_FEATURES: z.int().min(0).nullish(),
    MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE: z.int().min(0).nullish(),
    OUTLIER_REMOVAL_STD: z.union([z.literal('auto'), spread]).nullish(),
    _REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD: spread.nullish(),
    _CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD: spread.nullish(),
    FEATURE_SHIFT_METHOD: z.enum(['shuffle', 'rotate']).nullish(),
    CLASS_SHIFT_METHOD: z.enum(['shuffle', 'rotate']).nullish(),
    FINGERPRINT_FEATURE: z.boolean().nullish(),
    POLYNOMIAL_FEATURES: z.union([z.enum(['no', 'all']), z.int().min(1).max(MAX_PRODUCTS)]).nullish(),
    SUBSAMPLE_SAMPLES: z
      .union([
        z.int().min(1),
        z.number().gt(0).lt(1),
        z
          .array(z.array(z.int().min(0)).min(1))
          .min(1)
          .max(MAX_ENTRIES),
      ])
      .nullish(),
    FEATURE_SUBSAMPLING_METHOD: z.enum(COLUMN_METHODS).nullish(),
    FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT: z.int().min(0).nullish(),
    FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT: z
      .union([z.literal('auto'), z.int().min(0), z.number().gt(0).lt(1)])
      .nullish(),
    REGRESSION_Y_PREPROCESS_TRANSFORMS: z
      .array(z.enum(TARGET_SCALING_NAMES).nullable())
      .min(1)
      .max(MAX_ENTRIES)
      .nullish(),
    MAX_NUMBER_OF_CLASSES: limit.nullish(),
    MAX_NUMBER_OF_FEATURES: limit.nullish(),
    MAX_NUMBER_OF_SAMPLES: limit.nullish(),
    MAX_CPU_SAMPLES: limit.nullish(),
    USE_SKLEARN_16_DECIMAL_PRECISION: z.boolean().nullish(),
    FIX_NAN_BORDERS_AFTER_TARGET_TRANSFORM: z
      .literal(true, { error: 'borders are always numbers on this server; leave it out or send true' })
      .nullish(),
    ENABLE_GPU_PREPROCESSING: z.boolean().nullish(),
    PASSTHROUGH_INF: z
      .literal(true, {
        error: 'infinite values always reach the model on this server; leave it out or send true',
      })
      .nullish(),
  })
  .meta({ id: 'InferenceConfig', description: 'How the members of the ensemble differ' })

export type InferenceConfig = z.infer<typeof inferenceConfigSchema>

type Field = ConfigField & { name: keyof InferenceConfig }

const ensemble = (name: Field['name'], given: string, note: string): Field => ({
  name,
  effect: 'honoured',
  acts: 'ensemble',
  default: given,
  note,
})

const accepted = (name: Field['name'], given: string, note: string): Field => ({
  name,
  effect: 'accepted',
  acts: 'none',
  default: given,
  note,
})

const modelLimit = (name: Field['name'], note: string): Field => ({
  name,
  effect: 'honoured',
  acts: 'model',
  default: "the model's",
  note,
})

/** One row per key of `inferenceConfigSchema`. A key that is not sent, or null unless said otherwise, has its default. */
export const INFERENCE_FIELDS: readonly Field[] = [
  ensemble(
    'PREPROCESS_TRANSFORMS',
    'two of our own in turn',
    'Member k takes entry k, round and round. The default is not one of the entries: values, and normal scores of ranks, in turn.',
  ),
  ensemble(
    'MAX_UNIQUE_FOR_CATEGORICAL_FEATURES',
    '30',
    'A column with more distinct values is not categorical.',
  ),
  ensemble(
    'MIN_UNIQUE_FOR_NUMERICAL_FEATURES',
    '4',
    'A column of numbers with fewer distinct values is categorical.',
  ),
  ensemble(
    'MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE',
    '100',
    'The rule for columns of numbers holds above this many rows.',
  ),
  ensemble(
    'OUTLIER_REMOVAL_STD',
    'auto',
    'Values further than this from the mean, in standard deviations, go on as a logarithm, in order. Auto and null: only the ' +
      "model's own soft limit at 5 spreads.",
  ),
  ensemble('_REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD', 'null', 'What auto is for regression.'),
  ensemble('_CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD', 'null', 'What auto is for classification.'),
  ensemble(
    'FEATURE_SHIFT_METHOD',
    'shuffle',
    'Order of the columns in each member: another one (the first member keeps theirs), turned by one, or for null as they are.',
  ),
  ensemble(
    'CLASS_SHIFT_METHOD',
    'shuffle',
    'Slots of the classes in each member: random ones, the first ones turned by one, or for null the first ones in order.',
  ),
  ensemble(
    'FINGERPRINT_FEATURE',
    'false',
    'Adds a column with a hash of the row; copies of one training row get different ones.',
  ),
  ensemble(
    'POLYNOMIAL_FEATURES',
    'no',
    'Adds products of two columns of numbers, squares included: all, or so many drawn for each member. At most 2,000.',
  ),
  ensemble(
    'SUBSAMPLE_SAMPLES',
    'null',
    'Rows that each member learns from: a count, a share, or lists of row numbers in turn. Drawn without repetition, with a ' +
      'row of each class where they suffice; as many rows as there are, and 1, is all of them.',
  ),
  ensemble(
    'FEATURE_SUBSAMPLING_METHOD',
    'balanced',
    'How columns are chosen above max_features_per_estimator (500 without PREPROCESS_TRANSFORMS). Auto is balanced; importance ' +
      'is the impurity that the column alone removes, cut into eight groups.',
  ),
  ensemble(
    'FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT',
    '50',
    'Leading columns that every member sees; for constant_and_balanced.',
  ),
  ensemble(
    'FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT',
    'auto',
    'Best columns that every member sees, a count or a share; auto: 150 of more than 200. For gini_feature_importance.',
  ),
  ensemble(
    'REGRESSION_Y_PREPROCESS_TRANSFORMS',
    'one of our own',
    'Scaling of the target, taken in turn by the members, undone exactly. The default is a Yeo-Johnson transform in half of ' +
      'the members when the target is skewed. norm_and_kdi and per_feature, which are no single function, are refused.',
  ),
  modelLimit(
    'MAX_NUMBER_OF_CLASSES',
    "Stands in for the model's limit; `ignore_pretraining_limits` lifts it.",
  ),
  modelLimit('MAX_NUMBER_OF_FEATURES', "Stands in for the model's limit on the columns of a member."),
  modelLimit('MAX_NUMBER_OF_SAMPLES', "Stands in for the model's limit on the rows of a member."),
  modelLimit('MAX_CPU_SAMPLES', 'As MAX_NUMBER_OF_SAMPLES; the lower of the two holds.'),
  accepted(
    'USE_SKLEARN_16_DECIMAL_PRECISION',
    'false',
    'Preprocessing is in float64 and repeats bit for bit.',
  ),
  accepted(
    'FIX_NAN_BORDERS_AFTER_TARGET_TRANSFORM',
    'true',
    'Borders are always numbers: it is as if true; false is refused.',
  ),
  accepted(
    'ENABLE_GPU_PREPROCESSING',
    'false',
    'Preprocessing runs on the processor; the answer is the same.',
  ),
  accepted(
    'PASSTHROUGH_INF',
    'true',
    'An infinite value is an outlier that ranks first or last; false is refused.',
  ),
]
