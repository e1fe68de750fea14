/**
 * Reads one Parquet file, in a process of its own so that its memory is its own: `node bench/serving/parquet-case.ts FILE`.
 * Prints one line of JSON.
 */
import { readTable } from '@posterior/tabular'
import { peakMiB, residentMiB } from './process-memory.ts'

/** Time in seconds, memory in MiB. */
export interface ParquetResult {
  /** Resident memory of the process before it reads anything, and the largest until the columns are there. */
  baseMiB: number
  peakMiB: number
  /** Size of the columns themselves. */
  columnsMiB: number
  seconds: number
}

const path = process.argv[2]
if (path === undefined) throw new Error('Expected the path of a Parquet file.')
const baseMiB = residentMiB(process.pid)
const start = performance.now()
const { columns } = await readTable({ path, format: 'parquet' })
const seconds = (performance.now() - start) / 1000
const bytes = columns.reduce(
  (sum, column) => sum + (column.kind === 'string' ? column.codes : column.values).byteLength,
  0,
)
const result: ParquetResult = {
  baseMiB,
  peakMiB: peakMiB(process.pid),
  columnsMiB: bytes / 2 ** 20,
  seconds,
}
console.log(JSON.stringify(result))
