/**
 * How much to give the model at once, and what it will take.
 *
 * Sizes depend on the model, the table and fixed settings alone, never on the memory that happens to be free: the same
 * request is cut the same way each time, so its answer is the same bit for bit.
 */
import { contextNumbers, encodeNumbers, type ModelConfig, rowWidth } from '@posterior/model'
import { EngineError } from '../errors.ts'

/**
 * Cells per run to aim at. Measured on the medium model, 1,000 context rows, two cores: a run costs about 5 ms whatever
 * its size, 4,000 cells about 170 ms of processor time; runs larger than this are no faster per cell.
 */
const CELLS_PER_RUN = 8192

export interface RunSize {
  /** Query rows per run. */
  readonly rows: number
  /** Members per run: several when there are few rows. */
  readonly members: number
}

/** Size of the runs that answer `rows` query rows of `columns` columns with `members` members. */
export function planRuns(rows: number, columns: number, members: number): RunSize {
  const rowsPerRun = Math.max(1, Math.min(rows, Math.floor(CELLS_PER_RUN / columns)))
  return { rows: rowsPerRun, members: membersPerRun(rowsPerRun, columns, members) }
}

/** Members to encode in one run; labelled rows cannot be split. */
export function membersPerRun(rows: number, columns: number, members: number): number {
  return Math.max(1, Math.min(members, Math.floor(CELLS_PER_RUN / Math.max(1, rows * columns))))
}

/**
 * Memory that reading labelled rows takes for one member, in bytes, beyond what the process has anyway. Measured peaks
 * are 11 to 12 numbers per cell and width, and as many per row and row width; this allows for 16 and the inputs.
 */
export function encodeBytes(config: ModelConfig, rows: number, columns: number): number {
  if (config.architecture === 'composition-1') return 4 * encodeNumbers(config, rows, columns)
  const width = config.cellWidth
  const stages = config.stages.filter((kind) => kind === 'column').length
  const perCell = 16 * width + 4
  const perRow = 16 * rowWidth(config) + 3 * 64
  const perColumn = (16 + 2 * stages) * width * config.inducingPoints
  return 4 * (rows * columns * perCell + rows * perRow + columns * perColumn)
}

/** Size of a context in bytes, for all members. */
export function contextBytes(config: ModelConfig, rows: number, columns: number, members: number): number {
  if (config.architecture === 'composition-1') return 4 * members * contextNumbers(config, rows, columns)
  const stages = config.stages.filter((kind) => kind === 'column').length
  const tokens = 2 * stages * columns * config.inducingPoints * config.cellWidth
  const rowNumbers = (2 * config.rowLayers * rowWidth(config)) / config.rowHeads + config.voteWidth + 64
  return 4 * members * (tokens + (rows + config.thinkingRows) * rowNumbers)
}

/** Size of the table that one member sees. */
export interface MemberSize {
  readonly rows: number
  readonly columns: number
  /** Number of its preparation, which other members may share; null when it sees the encoded columns. */
  readonly preparation: number | null
}

/** Statistics of one column: at most 1,000 knots of its scaling and 1,024 of its ranks, two numbers each. */
const KNOTS_PER_COLUMN = 2024
/** A knot as numbers, and as JSON text. */
const KNOT_BYTES = 24
const KNOT_CHARACTERS = 32
/** A text holds at most 2^29 characters; the statistics are not all of it. */
const MAX_STATE_CHARACTERS = 2 ** 28

/**
 * Refuse a fit that would not fit in memory, before any of it is taken. Without members nothing is.
 *
 * @param maxBytes   what one fit may take
 * @param ridgeBytes what learning the ridge columns takes, before the model runs
 * @throws EngineError too_large_for_memory
 */
export function checkMemory(
  config: ModelConfig,
  members: readonly MemberSize[],
  maxBytes: number,
  ridgeBytes = 0,
): void {
  if (members.length === 0) return
  const knots = preparedKnots(members)
  let run = ridgeBytes
  let kept = knots * (KNOT_BYTES + 2 * KNOT_CHARACTERS) + sharedBytes(members)
  for (const { rows, columns, count, isPrepared } of countShapes(members)) {
    const together = membersPerRun(rows, columns, count)
    // A member's own columns are float64 and made from others.
    const own = isPrepared ? 2 * 8 * rows * columns : 0
    run = Math.max(run, together * (encodeBytes(config, rows, columns) + own))
    // The context is held twice while it is written.
    kept += 2 * contextBytes(config, rows, columns, count)
  }
  const needed = run + kept
  const isTooLong = knots * KNOT_CHARACTERS > MAX_STATE_CHARACTERS
  if (needed <= maxBytes && !isTooLong) return
  const rows = Math.max(...members.map((member) => member.rows))
  const columns = Math.max(...members.map((member) => member.columns))
  const estimators = members.length
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  const reason = isTooLong
    ? `would store ${Math.round(knots / 1e6)} million statistics of members that share none; at most ` +
      `${Math.floor(MAX_STATE_CHARACTERS / KNOT_CHARACTERS / 1e6)} million are stored`
    : `needs about ${gib(needed)} of memory; ${gib(maxBytes)} are allowed`
  throw new EngineError(
    'too_large_for_memory',
    `Fitting ${rows} rows of ${columns} columns with ${estimators} estimators ${reason}. ` +
      'Send fewer rows or columns, or use fewer estimators or a smaller model.',
    { details: { neededBytes: needed, allowedBytes: maxBytes, rows, columns, estimators } },
  )
}

/** Knots that the preparations of the members store, each once. */
function preparedKnots(members: readonly MemberSize[]): number {
  const known = new Map<number, number>()
  for (const { rows, columns, preparation } of members) {
    if (preparation !== null) known.set(preparation, columns * Math.min(2 * rows, KNOTS_PER_COLUMN))
  }
  return [...known.values()].reduce((sum, knots) => sum + knots, 0)
}

/** Columns that are held while the members that share them are prepared. */
function sharedBytes(members: readonly MemberSize[]): number {
  const seen = new Set<number>()
  const shared = new Map<number, number>()
  for (const { rows, columns, preparation } of members) {
    if (preparation === null) continue
    if (seen.has(preparation)) shared.set(preparation, 8 * rows * columns)
    seen.add(preparation)
  }
  return [...shared.values()].reduce((sum, bytes) => sum + bytes, 0)
}

interface CountedShape {
  readonly rows: number
  readonly columns: number
  readonly isPrepared: boolean
  count: number
}

function countShapes(members: readonly MemberSize[]): CountedShape[] {
  const counts = new Map<string, CountedShape>()
  for (const { rows, columns, preparation } of members) {
    const known = counts.get(`${rows} ${columns}`)
    if (known) known.count++
    else counts.set(`${rows} ${columns}`, { rows, columns, isPrepared: preparation !== null, count: 1 })
  }
  return [...counts.values()]
}
