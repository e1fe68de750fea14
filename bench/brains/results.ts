/** What was measured, one entry for each prior, in a file that is committed beside the page made of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { BrainBehaviour } from './behaviour.ts'
import type { BrainLosses } from './losses.ts'
import type { TrainingCost } from './train-brain.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly onnxruntime: string
  /** Processes that wanted to run, over the last 15 minutes: far above the cores when others used the machine. */
  readonly load: number
  /** Day of the measurement. */
  readonly date: string
}

export interface BrainResult extends BrainLosses {
  readonly behaviour: BrainBehaviour
  readonly machine: Machine
  /** Types of its blocks, between commas, for a model that is composed; without them it has the size `quick`. */
  readonly blocks?: string
  /** What else there is to know of this run, in one sentence. */
  readonly note?: string
}

/** A mean over tables, and the ends of its 95 % bootstrap interval over them. */
export interface Estimate {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** A brain of graphs beside what needs no learning, on the same held-out tables. */
export interface GraphResult extends TrainingCost {
  readonly slug: string
  readonly heldOutTables: number
  /** Tables with pairs of both kinds, which alone have an area. */
  readonly tablesWithArea: number
  /** Area under the ROC curve of the ordered pairs of a table, by who scored them. */
  readonly auroc: Readonly<Record<string, Estimate>>
  /** Pairs of columns that are wrong, by whose graph it is. */
  readonly shd: Readonly<Record<string, Estimate>>
  /** The brain's area less that of the best that sees what it sees, table by table. */
  readonly gain: Estimate
  readonly machine: Machine
  readonly note?: string
}

/** Forecasts of a brain of calendar-forecast beside others', by series. */
export interface ForecastResult extends TrainingCost {
  readonly horizon: number
  readonly rows: readonly {
    readonly name: string
    readonly forecasts: number
    /** Mean MASE by who forecast; under `coverage80` the share of values within the brain's 80 % interval. */
    readonly scores: Readonly<Record<string, number>>
  }[]
  readonly machine: Machine
}

const FILE = fileURLToPath(new URL('results.json', import.meta.url))
const GRAPHS = fileURLToPath(new URL('graphs.json', import.meta.url))

export function readResults(): BrainResult[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as BrainResult[]
}

/** Undefined while nothing was measured. */
export function readForecast(): ForecastResult | undefined {
  const file = fileURLToPath(new URL('forecast.json', import.meta.url))
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ForecastResult) : undefined
}

/** Empty while nothing was measured. */
export function readGraphs(): GraphResult[] {
  return existsSync(GRAPHS) ? (JSON.parse(readFileSync(GRAPHS, 'utf8')) as GraphResult[]) : []
}

/** Add a result, or put it in the place of the one of the same prior and kind of model. */
export function writeResult(result: BrainResult): void {
  const isSame = (other: BrainResult) =>
    other.slug === result.slug && (other.blocks === undefined) === (result.blocks === undefined)
  writeInto(FILE, readResults(), result, isSame)
}

/** The same for a brain of graphs. */
export function writeGraphs(result: GraphResult): void {
  writeInto(GRAPHS, readGraphs(), result, ({ slug }) => slug === result.slug)
}

function writeInto<T>(file: string, others: readonly T[], result: T, isSame: (other: T) => boolean): void {
  const at = others.findIndex(isSame)
  const all = at < 0 ? [...others, result] : others.with(at, result)
  writeFileSync(file, `${JSON.stringify(all, (_, value) => rounded(value), 2)}\n`)
}

export function describeMachine(): Machine {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    onnxruntime: version,
    load: loadavg()[2]!,
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Five digits say all that such figures hold. */
export function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}
