/**
 * One case of the speed bench, in a process of its own so that its memory is its own: `node bench/serving/case.ts small`.
 * Prints one line of JSON.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Engine } from '@posterior/engine'
import { PRESETS, type PresetName } from '@posterior/model'
import { makeTable, Random, type Table } from '@posterior/tabular'
import { type GraphRate, graphRates, type TableSize } from './graph-rate.ts'
import { median, medianMs, percentile99, timesInTurns } from './median.ts'
import { peakMemoryOfChildren } from './process-memory.ts'
import { saveRandomModel } from './random-model.ts'

const SIZE: TableSize = { rows: 1000, columns: 20, queryRows: 200 }
const FIT_REPEATS = 5
const PREDICT_REPEATS = 11
const ONE_ROW_REPEATS = 301

/** What a case prints. Times in milliseconds, memory in MiB. */
export interface CaseResult {
  preset: PresetName
  size: TableSize
  fitMs: number
  predictMs: number
  oneRowMs: number
  oneRowMs99: number
  peakMiB: number
  contextMiB: number
  encode: GraphRate
  predict: GraphRate
}

/** A classification with two classes and random features. */
function makeCase(rows: number, seed: string): { features: Table; target: Table } {
  const random = Random.fromSeed('bench', seed)
  const numbers = (name: string) => ({
    kind: 'number' as const,
    name,
    integer: false,
    values: Float64Array.from({ length: rows }, () => random.normal()),
  })
  const columns = Array.from({ length: SIZE.columns }, (_, j) => numbers(`x${j}`))
  const values = columns[0]!.values.map((value, row) => (value + columns[1]!.values[row]! > 0 ? 1 : 0))
  return {
    features: makeTable(columns),
    target: makeTable([{ kind: 'number', name: 'y', integer: true, values }]),
  }
}

async function measureEngine(preset: PresetName, modelsDir: string, threads: number) {
  const engine = await Engine.start({ modelsDir, processes: 1, threads })
  try {
    const { features, target } = makeCase(SIZE.rows, 'train')
    const contextDir = join(modelsDir, 'context')
    const fitOnce = () =>
      engine.fit({
        model: preset,
        task: 'classification',
        x: { table: features },
        y: { table: target },
        options: { estimators: 1 },
        contextDir,
      })
    const fitMs = await medianMs(FIT_REPEATS, fitOnce)
    const { contextBytes } = await fitOnce()
    const predict = (rows: number) => {
      const x = { table: makeCase(rows, 'query').features }
      return () => engine.predict({ contextDir, x, output: 'probas' })
    }
    const predictMs = await medianMs(PREDICT_REPEATS, predict(SIZE.queryRows))
    const [oneRow] = await timesInTurns(ONE_ROW_REPEATS, [predict(1)])
    const peakMiB = Math.max(0, ...peakMemoryOfChildren().values())
    return {
      fitMs,
      predictMs,
      oneRowMs: median(oneRow!),
      oneRowMs99: percentile99(oneRow!),
      peakMiB,
      contextMiB: contextBytes / 2 ** 20,
    }
  } finally {
    await engine.close()
  }
}

const preset = process.argv[2] as PresetName
if (!(preset in PRESETS))
  throw new Error(`Expected one of ${Object.keys(PRESETS).join(', ')}, got '${preset}'.`)
const threads = Number(process.argv[3] ?? 1)
const { modelsDir, weights } = await saveRandomModel(preset)
try {
  const engine = await measureEngine(preset, modelsDir, threads)
  const rates = await graphRates(preset, weights, SIZE, threads)
  const result: CaseResult = { preset, size: SIZE, ...engine, ...rates }
  console.log(JSON.stringify(result))
} finally {
  rmSync(modelsDir, { recursive: true, force: true })
}
