/** In what a caller may ask the members of an ensemble to differ from the default. */
import type { ModelLimits } from '@posterior/model'
import { type PipelineOptions, SCALING_NAMES, type ScalingName } from '@posterior/tabular'
import { EngineError } from '../errors.ts'

/** Order of columns or classes in the members: another one in each, turned by one from member to member, or as it is. */
export const MEMBER_ORDERS = ['shuffle', 'rotate', 'keep'] as const

export type MemberOrder = (typeof MEMBER_ORDERS)[number]

/** How columns are chosen for a member when there are more than its pipeline takes. */
export const COLUMN_SAMPLINGS = ['balanced', 'random', 'constant-and-balanced', 'importance'] as const

export type ColumnSampling = (typeof COLUMN_SAMPLINGS)[number]

/** Rows that each member learns from: a number of them, a share in (0, 1], or row numbers, the lists in turn. */
export type RowSample =
  | { readonly count: number }
  | { readonly share: number }
  | { readonly rows: readonly (readonly number[])[] }

/** Scaling of a regression target; null = none. Those that give two columns or differ by column cannot be undone. */
export type TargetScalingName = Exclude<ScalingName, 'norm_and_kdi' | 'per_feature'>

/**
 * Plain JSON. Whatever is absent is as it always is; with nothing given the ensemble is the default one, bit for bit.
 */
export interface EnsembleSettings {
  /** Member k takes pipelines[k modulo their number]. Default: two preprocessings of our own, in turn. */
  readonly pipelines?: readonly PipelineOptions[]
  /** Values further from the mean than so many standard deviations are drawn in; null or absent = the model's own limit. */
  readonly outlierSpreads?: number | null
  /** Default: member 0 as the columns came, the others shuffled. */
  readonly columnOrder?: MemberOrder
  /** Default: each member its own random slots. */
  readonly classOrder?: MemberOrder
  /** Add a column with a hash of the row. Default false. */
  readonly fingerprint?: boolean
  /** Add products of two columns of numbers: all, or so many drawn for each member. Default none. */
  readonly products?: 'all' | number
  /** Default: all rows. */
  readonly rowSample?: RowSample
  /** For tables with more columns than a pipeline's `maxColumns`; without pipelines that is 500. Default 'balanced'. */
  readonly columnSampling?: ColumnSampling
  /** 'constant-and-balanced': leading columns that every member sees. Default 50. */
  readonly constantColumns?: number
  /** 'importance': best columns that every member sees: a number, a share, or 'auto': 150 of more than 200, else none. */
  readonly importantColumns?: number | { readonly share: number } | 'auto'
  /** Regression: member k takes entry k modulo their number. Default: half of the members when the target is skewed. */
  readonly targetScalings?: readonly (TargetScalingName | null)[]
  /** A column with more distinct values is not categorical. Default 30. */
  readonly maxCategories?: number
  /** A column of numbers with fewer distinct values is categorical. Default 4. */
  readonly minNumericDistinct?: number
  /** ... when the table has more rows than this. Default 100. */
  readonly minRowsForCategoricalRule?: number
  /** Columns of a ridge regression beside the table's own. Default: where the model was trained with them. */
  readonly ridgeColumns?: boolean
  /** Instead of the model's own limits. */
  readonly limits?: Partial<ModelLimits>
}

/** Columns that a member sees at most when its pipeline does not say. */
export const DEFAULT_MAX_COLUMNS = 500

/** Products are columns of the model's input: more than this is a mistake. */
export const MAX_PRODUCTS = 2000

/**
 * Check what types cannot say.
 *
 * @throws EngineError invalid_options; `details.option` is `ensemble.` and the name of the setting
 */
export function checkSettings(settings: EnsembleSettings): void {
  const isCount = (value: number | undefined, least: number) =>
    value === undefined || (Number.isSafeInteger(value) && value >= least)
  const { pipelines, rowSample, products, outlierSpreads, limits, importantColumns } = settings
  expectSetting('pipelines', pipelines === undefined || pipelines.length > 0, 'at least one pipeline', 'none')
  for (const { scaling, maxColumns, maxOneHot } of pipelines ?? []) {
    expectSetting('pipelines', SCALING_NAMES.includes(scaling), 'known scalings', scaling)
    expectSetting('pipelines', isCount(maxColumns, 1), 'maxColumns of at least 1', maxColumns)
    expectSetting(
      'pipelines',
      maxOneHot === null || isCount(maxOneHot, 1),
      'maxOneHot of at least 1',
      maxOneHot,
    )
  }
  expectSetting(
    'products',
    products === 'all' || isCount(products, 1),
    "'all' or a count of at least 1",
    products,
  )
  expectSetting(
    'outlierSpreads',
    outlierSpreads == null || outlierSpreads > 0,
    'a number above 0',
    outlierSpreads,
  )
  if (rowSample) {
    const isValid =
      'count' in rowSample
        ? isCount(rowSample.count, 1)
        : 'share' in rowSample
          ? rowSample.share > 0 && rowSample.share <= 1
          : rowSample.rows.length > 0 && rowSample.rows.every((rows) => rows.length > 0)
    expectSetting(
      'rowSample',
      isValid,
      'a count of at least 1, a share in (0, 1], or lists of rows',
      'something else',
    )
  }
  expectSetting(
    'constantColumns',
    isCount(settings.constantColumns, 0),
    'a whole number',
    settings.constantColumns,
  )
  if (typeof importantColumns === 'number') {
    expectSetting(
      'importantColumns',
      isCount(importantColumns, 0),
      'a whole number, a share or auto',
      importantColumns,
    )
  }
  const { targetScalings } = settings
  expectSetting(
    'targetScalings',
    targetScalings === undefined || targetScalings.length > 0,
    'at least one entry',
    'none',
  )
  for (const name of ['maxCategories', 'minNumericDistinct', 'minRowsForCategoricalRule'] as const) {
    expectSetting(name, isCount(settings[name], 0), 'a whole number', settings[name])
  }
  for (const value of Object.values(limits ?? {})) {
    expectSetting('limits', isCount(value, 1), 'whole numbers of at least 1', value)
  }
}

function expectSetting(setting: string, isValid: boolean, expected: string, got: unknown): void {
  if (isValid) return
  throw new EngineError('invalid_options', `${setting} must be ${expected}; got ${String(got)}.`, {
    details: { option: `ensemble.${setting}` },
  })
}

/** Whether the members need a preprocessing of their own, beyond order and slots. */
export function needsPreparation({
  pipelines,
  outlierSpreads,
  fingerprint,
  products,
  rowSample,
  columnSampling,
  constantColumns,
  importantColumns,
}: EnsembleSettings): boolean {
  return (
    fingerprint === true ||
    outlierSpreads != null ||
    [pipelines, products, rowSample, columnSampling, constantColumns, importantColumns].some(
      (setting) => setting !== undefined,
    )
  )
}
