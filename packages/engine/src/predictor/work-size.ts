/**
 * How much to give the model at once, and what it will take.
 *
 * Sizes depend on the model, the table and fixed settings alone, never on the memory that happens to be free: the same
 * request is cut the same way each time, so its answer is the same bit for bit.
 */
import { type ModelConfig, rowWidth } from '@posterior/model'
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
  const width = config.cellWidth
  const stages = config.stages.filter((kind) => kind === 'column').length
  const perCell = 16 * width + 4
  const perRow = 16 * rowWidth(config) + 3 * 64
  const perColumn = (16 + 2 * stages) * width * config.inducingPoints
  return 4 * (rows * columns * perCell + rows * perRow + columns * perColumn)
}

/** Size of a context in bytes, for all members. */
export function contextBytes(config: ModelConfig, rows: number, columns: number, members: number): number {
  const stages = config.stages.filter((kind) => kind === 'column').length
  const tokens = 2 * stages * columns * config.inducingPoints * config.cellWidth
  const rowNumbers = (2 * config.rowLayers * rowWidth(config)) / config.rowHeads + config.voteWidth + 64
  return 4 * members * (tokens + (rows + config.thinkingRows) * rowNumbers)
}

/** What a fit would take memory for. */
export interface FitSize {
  /** Size of the table that each member sees. */
  readonly members: readonly { readonly rows: number; readonly columns: number }[]
  /** Whether members have tables and column statistics of their own. */
  readonly isPrepared: boolean
}

/** Statistics of one column that a member has to itself: at most 1,000 knots of its scaling and 1,024 of its ranks. */
const KNOTS_PER_COLUMN = 2024
/** A knot is two numbers, as numbers and as JSON text. */
const BYTES_PER_KNOT = 60

/**
 * Refuse a fit that would not fit in memory, before any of it is taken. Without members nothing is.
 *
 * @param maxBytes  what one fit may take
 * @throws EngineError too_large_for_memory
 */
export function checkMemory(config: ModelConfig, { members, isPrepared }: FitSize, maxBytes: number): void {
  if (members.length === 0) return
  let run = 0
  let kept = 0
  for (const [shape, count] of countShapes(members)) {
    const { rows, columns } = shape
    const together = membersPerRun(rows, columns, count)
    // A member's own columns are float64 and made from others.
    const own = isPrepared ? 2 * 8 * rows * columns : 0
    run = Math.max(run, together * (encodeBytes(config, rows, columns) + own))
    // The context is held twice while it is written.
    kept += 2 * contextBytes(config, rows, columns, count)
    if (isPrepared) kept += count * columns * Math.min(2 * rows, KNOTS_PER_COLUMN) * BYTES_PER_KNOT
  }
  const needed = run + kept
  if (needed <= maxBytes) return
  const rows = Math.max(...members.map((member) => member.rows))
  const columns = Math.max(...members.map((member) => member.columns))
  const estimators = members.length
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  throw new EngineError(
    'too_large_for_memory',
    `Fitting ${rows} rows of ${columns} columns with ${estimators} estimators needs about ${gib(needed)} of memory; ` +
      `${gib(maxBytes)} are allowed. Send fewer rows or columns, or use fewer estimators or a smaller model.`,
    { details: { neededBytes: needed, allowedBytes: maxBytes, rows, columns, estimators } },
  )
}

function countShapes(members: FitSize['members']): [{ rows: number; columns: number }, number][] {
  const counts = new Map<string, [{ rows: number; columns: number }, number]>()
  for (const { rows, columns } of members) {
    const known = counts.get(`${rows} ${columns}`)
    if (known) known[1]++
    else counts.set(`${rows} ${columns}`, [{ rows, columns }, 1])
  }
  return [...counts.values()]
}
