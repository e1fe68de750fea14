/** From `inference_config`, as a request says it, to the engine's settings of an ensemble. */
import type { InferenceConfig, PreprocessTransform, Task } from '@posterior/contracts'
import type {
  ColumnSampling,
  EnsembleSettings,
  MemberOrder,
  RowSample,
  TargetScalingName,
} from '@posterior/engine'
import type { CategoryHandling, PipelineOptions, ScalingName } from '@posterior/tabular'

const CATEGORIES: Readonly<Record<PreprocessTransform['categorical_name'], CategoryHandling>> = {
  none: 'codes',
  ordinal: 'codes',
  ordinal_shuffled: 'shuffled',
  ordinal_very_common_categories_shuffled: 'shuffled-common',
  numeric: 'numbers',
  onehot: 'one-hot',
}

const COLUMN_METHODS: Readonly<
  Record<NonNullable<InferenceConfig['FEATURE_SUBSAMPLING_METHOD']>, ColumnSampling>
> = {
  balanced: 'balanced',
  auto: 'balanced',
  random: 'random',
  constant_and_balanced: 'constant-and-balanced',
  gini_feature_importance: 'importance',
}

/** Keys of `inference_config` by the names of the engine's settings, for messages about them; ridge columns have none. */
export const SETTING_KEYS: Readonly<
  Record<Exclude<keyof EnsembleSettings, 'ridgeColumns'>, keyof InferenceConfig>
> = {
  pipelines: 'PREPROCESS_TRANSFORMS',
  outlierSpreads: 'OUTLIER_REMOVAL_STD',
  columnOrder: 'FEATURE_SHIFT_METHOD',
  classOrder: 'CLASS_SHIFT_METHOD',
  fingerprint: 'FINGERPRINT_FEATURE',
  products: 'POLYNOMIAL_FEATURES',
  rowSample: 'SUBSAMPLE_SAMPLES',
  columnSampling: 'FEATURE_SUBSAMPLING_METHOD',
  constantColumns: 'FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT',
  importantColumns: 'FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT',
  targetScalings: 'REGRESSION_Y_PREPROCESS_TRANSFORMS',
  maxCategories: 'MAX_UNIQUE_FOR_CATEGORICAL_FEATURES',
  minNumericDistinct: 'MIN_UNIQUE_FOR_NUMERICAL_FEATURES',
  minRowsForCategoricalRule: 'MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE',
  limits: 'MAX_NUMBER_OF_SAMPLES',
}

/** The settings that a request asks for; without a key of effect they are the default ensemble. */
export function toEnsembleSettings(config: InferenceConfig, task: Task): EnsembleSettings {
  const outliers = outlierSpreads(config, task)
  const products = config.POLYNOMIAL_FEATURES
  const rows = rowSample(config.SUBSAMPLE_SAMPLES)
  const targets = task === 'regression' ? config.REGRESSION_Y_PREPROCESS_TRANSFORMS : null
  const limits = modelLimits(config)
  return {
    ...(config.PREPROCESS_TRANSFORMS && { pipelines: config.PREPROCESS_TRANSFORMS.map(pipeline) }),
    ...(outliers != null && { outlierSpreads: outliers }),
    ...(config.FEATURE_SHIFT_METHOD !== undefined && {
      columnOrder: memberOrder(config.FEATURE_SHIFT_METHOD),
    }),
    ...(config.CLASS_SHIFT_METHOD !== undefined && { classOrder: memberOrder(config.CLASS_SHIFT_METHOD) }),
    ...(config.FINGERPRINT_FEATURE && { fingerprint: true }),
    ...(products != null && products !== 'no' && { products }),
    ...(rows && { rowSample: rows }),
    ...columnSampling(config),
    ...(targets && { targetScalings: targets as readonly (TargetScalingName | null)[] }),
    ...(config.MAX_UNIQUE_FOR_CATEGORICAL_FEATURES != null && {
      maxCategories: config.MAX_UNIQUE_FOR_CATEGORICAL_FEATURES,
    }),
    ...(config.MIN_UNIQUE_FOR_NUMERICAL_FEATURES != null && {
      minNumericDistinct: config.MIN_UNIQUE_FOR_NUMERICAL_FEATURES,
    }),
    ...(config.MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE != null && {
      minRowsForCategoricalRule: config.MIN_NUMBER_SAMPLES_FOR_CATEGORICAL_INFERENCE,
    }),
    ...(Object.keys(limits).length > 0 && { limits }),
  }
}

function pipeline(transform: PreprocessTransform): PipelineOptions {
  const { global_transformer_name: global } = transform
  return {
    scaling: transform.name as ScalingName,
    categories: CATEGORIES[transform.categorical_name],
    keepsOriginal: transform.append_original,
    maxColumns: transform.max_features_per_estimator,
    components: global == null ? null : global === 'svd' ? 'half' : 'quarter',
    maxOneHot: transform.max_onehot_cardinality ?? null,
  }
}

/** Null in the request means "as they are", here as in the programs that the keys come from. */
function memberOrder(method: 'shuffle' | 'rotate' | null): MemberOrder {
  return method ?? 'keep'
}

function outlierSpreads(config: InferenceConfig, task: Task): number | null | undefined {
  const { OUTLIER_REMOVAL_STD: asked = 'auto' } = config
  if (asked !== 'auto') return asked
  return task === 'classification'
    ? config._CLASSIFICATION_DEFAULT_OUTLIER_REMOVAL_STD
    : config._REGRESSION_DEFAULT_OUTLIER_REMOVAL_STD
}

/** A share of 1 arrives as the number 1, and one row is nothing to learn from: both are all rows. */
function rowSample(asked: InferenceConfig['SUBSAMPLE_SAMPLES']): RowSample | null {
  if (asked == null || asked === 1) return null
  if (typeof asked === 'object') return { rows: asked }
  return asked < 1 ? { share: asked } : { count: asked }
}

function columnSampling(config: InferenceConfig): Partial<EnsembleSettings> {
  const method = config.FEATURE_SUBSAMPLING_METHOD
  if (method == null) return {}
  const columnSampling = COLUMN_METHODS[method]
  const constantColumns = config.FEATURE_SUBSAMPLING_CONSTANT_FEATURE_COUNT
  const top = config.FEATURE_SUBSAMPLING_IMPORTANCE_TOP_K_COUNT
  if (columnSampling === 'constant-and-balanced' && constantColumns != null) {
    return { columnSampling, constantColumns }
  }
  if (columnSampling === 'importance' && top != null) {
    const isShare = typeof top === 'number' && !Number.isInteger(top)
    return { columnSampling, importantColumns: isShare ? { share: top } : top }
  }
  return { columnSampling }
}

function modelLimits(config: InferenceConfig): NonNullable<EnsembleSettings['limits']> {
  const rows = Math.min(
    config.MAX_NUMBER_OF_SAMPLES ?? Number.POSITIVE_INFINITY,
    config.MAX_CPU_SAMPLES ?? Number.POSITIVE_INFINITY,
  )
  return {
    ...(Number.isFinite(rows) && { rows }),
    ...(config.MAX_NUMBER_OF_FEATURES != null && { columns: config.MAX_NUMBER_OF_FEATURES }),
    ...(config.MAX_NUMBER_OF_CLASSES != null && { classes: config.MAX_NUMBER_OF_CLASSES }),
  }
}
