export { csvColumns, readCsvHeader } from './formats/csv-columns.ts'
export { readCsv } from './formats/csv-reader.ts'
export { csvChunks, writeCsv } from './formats/csv-writer.ts'
export { DEFAULT_TABLE_LIMITS, MAX_CELL_BYTES, type TableLimits } from './formats/limits.ts'
export { readParquet } from './formats/parquet-reader.ts'
export { writeParquet } from './formats/parquet-writer.ts'
export { readTable, type TableFile } from './formats/read-table.ts'
export { accuracy, logLoss, probabilisticAccuracy } from './metrics/classification.ts'
export {
  type ClassMetric,
  findMetric,
  METRIC_ALIASES,
  METRICS,
  type Metric,
  metricNames,
  type NumberMetric,
  type Problem,
} from './metrics/find-metric.ts'
export { crps, mae, pinball, r2, rmse } from './metrics/regression.ts'
export { rocAuc } from './metrics/roc-auc.ts'
export { type Draws, fitScaling, SCALING_NAMES, type ScalingName } from './pipeline/fit-scaling.ts'
export {
  applyPipeline,
  CATEGORY_HANDLINGS,
  type CategoryHandling,
  type ColumnKind,
  categoryCount,
  fitPipeline,
  MAX_COMPONENT_COLUMNS,
  type MemberPipeline,
  type PipelineOptions,
  type PipelineState,
  pipelineWidth,
} from './pipeline/pipeline.ts'
export { bestYeoJohnson, inverseYeoJohnson, yeoJohnson } from './pipeline/power.ts'
export { applyScaling, invertScaling, type Scaling } from './pipeline/scaling.ts'
export type { Categories, Level } from './preprocess/categories.ts'
export {
  CELL_CHANNELS,
  type CellChannelsOptions,
  type ChannelColumnState,
  type ChannelState,
  type ChannelVariant,
  cellChannels,
  type FitChannelsOptions,
  fitChannels,
} from './preprocess/cell-channels.ts'
export { DATETIME_PARTS, type DatetimePart } from './preprocess/datetime-parts.ts'
export { encode } from './preprocess/encode.ts'
export {
  type ColumnEncoding,
  droppedColumns,
  type EncodedColumn,
  type EncoderState,
  encodedWidth,
} from './preprocess/encoder-state.ts'
export { type FitEncoderOptions, fitEncoder } from './preprocess/fit-encoder.ts'
export { normalQuantile } from './preprocess/normal-quantile.ts'
export {
  type ClassLabel,
  type ClassTargetState,
  encodeTarget,
  type FitTargetOptions,
  fitTarget,
  type RegressionTargetState,
  type TargetState,
  type Task,
} from './preprocess/target.ts'
export type { TextRanks } from './preprocess/text-rank.ts'
export { Random, type RandomState } from './random/random.ts'
export {
  fitRidgeColumns,
  type RidgeColumnsFit,
  type RidgeColumnsState,
  type RidgeTarget,
  ridgeBytes,
  ridgeColumnCount,
  ridgeColumns,
} from './ridge/ridge-columns.ts'
export { CALENDAR_COLUMNS, writeCalendarRow } from './series/calendar-rows.ts'
export {
  defaultLags,
  labelledSteps,
  normaliseHistory,
  rowWidthOf,
  type SeriesLayout,
  type SeriesScale,
  STEP_COLUMNS,
  writeLagRow,
} from './series/lag-rows.ts'
export { detectSeason } from './series/season.ts'
export { seasonWave } from './series/season-wave.ts'
export { wanders } from './series/unit-root.ts'
export { type Split, type SplitRule, splitRows } from './splits/split-rows.ts'
export { compareCodePoints } from './table/compare-text.ts'
export { fromRecords, fromRows } from './table/from-records.ts'
export { inferColumn, retypeStrings } from './table/infer-column.ts'
export { instantText } from './table/instant-text.ts'
export { type NumericColumn, type NumericTable, takeColumnRows } from './table/numeric-table.ts'
export {
  type BooleanColumn,
  type CellValue,
  type Column,
  cellValue,
  columnLength,
  countMissing,
  type DatetimeColumn,
  dropColumns,
  findColumn,
  isMissing,
  MISSING_BOOLEAN,
  MISSING_CODE,
  makeTable,
  type NumberColumn,
  type StringColumn,
  selectColumns,
  type Table,
  takeRows,
} from './table/table.ts'
export { TABLE_ERROR_CODES, TableError, type TableErrorCode } from './table/table-error.ts'
