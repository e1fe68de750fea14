/** How fast the runtime gets through one graph of a model, in time and in operations a second. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession, type TensorValue } from '@posterior/engine/runtime'
import {
  buildEncodeGraph,
  buildPredictGraph,
  CHANNELS,
  CLASS_SLOTS,
  COLUMN_ID_DIM,
  PRESETS,
  type PresetName,
  type Weights,
} from '@posterior/model'
import { Random } from '@posterior/tabular'
import { MatrixProduct } from './matrix-product.ts'
import { median, medianMsInTurns } from './median.ts'
import { countOperations, type TraceEvent } from './operation-count.ts'

const REPEATS = 7

/** The table that is measured. */
export interface TableSize {
  rows: number
  columns: number
  queryRows: number
}

/** One graph on one table. */
export interface GraphRate {
  ms: number
  /** Median time of the processor, of all threads together; unlike `ms` it hardly depends on what else runs. */
  cpuMs: number
  /** Matrix products and attention, in billions. */
  gigaOperations: number
  /** Billions of operations a second. */
  rate: number
  /** The same for a plain matrix product, timed in turns with the graph. */
  matrixRate: number
}

/** Median time and rate of the encode and the predict graph of a classification. */
export async function graphRates(
  preset: PresetName,
  weights: Weights,
  size: TableSize,
  threads: number,
): Promise<{ encode: GraphRate; predict: GraphRate }> {
  const config = PRESETS[preset]
  const random = Random.fromSeed('bench', 'cells')
  const normal = (...dims: number[]): TensorValue => {
    const length = dims.reduce((product, dim) => product * dim, 1)
    return { dims, data: Float32Array.from({ length }, () => random.normal()) }
  }
  const classes = new Float32Array(size.rows * CLASS_SLOTS)
  for (let row = 0; row < size.rows; row++) classes[row * CLASS_SLOTS + (row % 2)] = 1
  const column_ids = normal(1, size.columns, COLUMN_ID_DIM)
  const encodeFeeds = {
    x: normal(1, size.rows, size.columns, CHANNELS),
    y: { dims: [1, size.rows, CLASS_SLOTS], data: classes },
    column_ids,
  }
  const encodeBytes = buildEncodeGraph(config, 'classification', weights).bytes
  const encode = await measure(encodeBytes, encodeFeeds, threads)
  const x = normal(1, size.queryRows, size.columns, CHANNELS)
  const predictBytes = buildPredictGraph(config, 'classification', weights).bytes
  const predict = await measure(predictBytes, { x, column_ids, ...encode.outputs }, threads)
  return { encode: encode.rate, predict: predict.rate }
}

async function measure(bytes: Uint8Array, given: Record<string, TensorValue>, threads: number) {
  const session = await openSession(bytes, { threads })
  const product = await MatrixProduct.open(threads)
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, given[name]!]))
  try {
    const outputs = await session.run(feeds)
    const cpu: number[] = []
    const [ms, productMs] = (await medianMsInTurns(REPEATS, [
      async () => {
        const before = process.cpuUsage()
        await session.run(feeds)
        const { user, system } = process.cpuUsage(before)
        cpu.push((user + system) / 1000)
      },
      () => product.run(),
    ])) as [number, number]
    const gigaOperations = (await traceOperations(bytes, feeds, threads)) / 1e9
    const matrixRate = MatrixProduct.gigaOperations / (productMs / 1000)
    const cpuMs = median(cpu.slice(-REPEATS))
    return { outputs, rate: { ms, cpuMs, gigaOperations, rate: gigaOperations / (ms / 1000), matrixRate } }
  } finally {
    await product.close()
    await session.release()
  }
}

/** Operations of one run, from a trace of its own, because tracing costs time. */
async function traceOperations(
  bytes: Uint8Array,
  feeds: Record<string, TensorValue>,
  threads: number,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'posterior-trace-'))
  try {
    const session = await openSession(bytes, { threads, profilePrefix: join(folder, 'trace') })
    await session.run(feeds)
    session.endProfiling()
    await session.release()
    const [file] = readdirSync(folder)
    return countOperations(JSON.parse(readFileSync(join(folder, file!), 'utf8')) as TraceEvent[])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
