/**
 * Memory and time of turning a Parquet file into typed columns: 1M rows x 50 columns of numbers by default, some of them
 * whole, some with gaps, read in a process of its own. Two figures, both of the largest resident memory: of the whole
 * process, and of what reading added to the process that was about to read.
 *
 *   npm run bench:parquet
 *   npm run bench:parquet -- --rows 100000 --columns 20 --rounds 5
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { makeTable, Random, writeParquet } from '@posterior/tabular'
import { median } from './serving/median.ts'
import type { ParquetResult } from './serving/parquet-case.ts'

const CASE = fileURLToPath(new URL('./serving/parquet-case.ts', import.meta.url))
const MIB = 2 ** 20

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    columns: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    /** An existing file to read instead. */
    file: { type: 'string' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'posterior-parquet-'))
try {
  const path = values.file ?? join(folder, 'table.parquet')
  if (values.file === undefined) await write(path, Number(values.rows), Number(values.columns))
  const results: ParquetResult[] = []
  for (let i = 0; i < Number(values.rounds); i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [CASE, path])
    results.push(JSON.parse(stdout) as ParquetResult)
  }
  print(results, statSync(path).size)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function write(path: string, rows: number, columns: number): Promise<void> {
  const random = Random.fromSeed('bench', 'parquet')
  const kinds = [() => random.normal(), () => random.int(0, 1000), () => gap(random.normal())]
  const gap = (value: number) => (random.bool(0.1) ? Number.NaN : value)
  const table = makeTable(
    Array.from({ length: columns }, (_, j) => ({
      kind: 'number' as const,
      name: `x${j}`,
      integer: j % kinds.length === 1,
      values: Float64Array.from({ length: rows }, kinds[j % kinds.length]!),
    })),
  )
  await writeParquet(table, path)
}

function print(results: readonly ParquetResult[], fileBytes: number): void {
  const middle = (figure: (result: ParquetResult) => number) => median(results.map(figure))
  const columns = results[0]!.columnsMiB
  const lines: [string, number, string][] = [
    ['file, MiB', fileBytes / MIB, ''],
    ['typed columns, MiB', columns, ''],
    ['process before reading, MiB', middle((result) => result.baseMiB), ''],
  ]
  const addRatio = (label: string, mib: number) =>
    lines.push([label, mib, `${(mib / columns).toFixed(2)} x the columns`])
  addRatio(
    'peak of the process, MiB',
    middle((result) => result.peakMiB),
  )
  addRatio(
    'peak less the process before, MiB',
    middle((result) => result.peakMiB - result.baseMiB),
  )
  lines.push(['time, s', middle((result) => result.seconds), ''])
  console.log(`medians of ${results.length} reads, each in a process of its own\n`)
  for (const [label, value, note] of lines) {
    console.log(`${label.padEnd(40)}${value.toFixed(1).padStart(10)}  ${note}`.trimEnd())
  }
}
