/**
 * `npm run bench`: time, memory and rate of fit and predict at 1000 x 20 with 200 query rows, one ensemble member, through
 * the product's engine. The weights are random: speed does not depend on them. Medians, and for
 * one row also the 99th percentile.
 *
 *   npm run bench                     small (S+) and medium (M), all threads
 *   npm run bench -- nano --threads 1
 */
import { execFile } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type { CaseResult } from './serving/case.ts'
import type { GraphRate } from './serving/graph-rate.ts'

const CASE = fileURLToPath(new URL('./serving/case.ts', import.meta.url))
const NAMES: Record<string, string> = { small: 'small (S+)', medium: 'medium (M)' }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const threads = Number(values.threads ?? availableParallelism())
const presets = positionals.length > 0 ? positionals : ['small', 'medium']

const results: CaseResult[] = []
for (const preset of presets) {
  // One process per case, so that memory is measured from nothing.
  const { stdout } = await promisify(execFile)(process.execPath, [CASE, preset, String(threads)])
  results.push(JSON.parse(stdout) as CaseResult)
}

if (values.json) console.log(JSON.stringify({ threads, results }, null, 1))
else printTable(results)

function printTable(rows: readonly CaseResult[]): void {
  const { size } = rows[0]!
  const show = ({ rate, matrixRate }: GraphRate) =>
    `${rate.toFixed(1)} (${((100 * rate) / matrixRate).toFixed(0)} %)`
  const lines: readonly (readonly [string, (row: CaseResult) => string])[] = [
    [`fit, ${size.rows} x ${size.columns}, ms`, (row) => row.fitMs.toFixed(0)],
    [`predict ${size.queryRows} rows, context in memory, ms`, (row) => row.predictMs.toFixed(1)],
    ['predict one row, context in memory, ms: median', (row) => row.oneRowMs.toFixed(2)],
    ['  99th percentile', (row) => row.oneRowMs99.toFixed(2)],
    ['peak memory of the engine process, MiB', (row) => row.peakMiB.toFixed(0)],
    ['context on disk, MiB', (row) => row.contextMiB.toFixed(1)],
    ['matrix product 1024^3, GFLOP/s', ({ encode }) => encode.matrixRate.toFixed(1)],
    ['encode graph alone, ms of the processor', ({ encode }) => encode.cpuMs.toFixed(0)],
    ['predict graph alone, ms of the processor', ({ predict }) => predict.cpuMs.toFixed(0)],
    ['encode graph, GFLOP/s (share of the product)', ({ encode }) => show(encode)],
    ['predict graph, GFLOP/s (share of the product)', ({ predict }) => show(predict)],
  ]
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads; medians; one ensemble member; random weights\n`,
  )
  console.log(['', ...rows.map(({ preset }) => NAMES[preset] ?? preset)].map(pad).join(''))
  for (const [label, cell] of lines) console.log([label, ...rows.map(cell)].map(pad).join(''))
}

function pad(text: string, column: number): string {
  return column === 0 ? text.padEnd(50) : text.padStart(16)
}
