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
export { normalQuantile } from './preprocess/normal-quantile.ts'
export { Random, type RandomState } from './random/random.ts'
export type { NumericColumn, NumericTable } from './table/numeric-table.ts'
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
