/** A run on disk: `run.json`, `state.safetensors` (weights, their average, both moments) and `log.jsonl`. */
import { createReadStream, existsSync } from 'node:fs'
import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { decodeSafetensors, encodeSafetensors, writeDurably } from '@posterior/model'
import type { OptimizerState } from '../optimizer/optimizer.ts'
import type { RunEvent } from './run-events.ts'
import type { TrainingConfig } from './training-config.ts'

/** Where a run stands, besides the optimiser's vectors. */
export interface RunProgress {
  readonly format: 1
  readonly config: TrainingConfig
  step: number
  updates: number
  datasets: number
  /** Wall seconds over all sessions of the run. */
  seconds: number
  /** Last step before the decay of the learning rate; null before it. */
  decayStart: number | null
}

const RUN_FILE = 'run.json'
/** Every event of the run, one on each line. */
export const LOG_FILE = 'log.jsonl'
/** Names of the optimiser's vectors, each as long as all weights together. */
export const VECTORS = ['weights', 'average', 'mean', 'variance'] as const

/**
 * Save so that a crash leaves the previous or the new state: the vectors go to a file named after the step, and
 * `run.json`, written last, names that file by its step.
 */
export async function saveRun(folder: string, progress: RunProgress, state: OptimizerState): Promise<void> {
  const tensors = new Map(VECTORS.map((name) => [name, { shape: [state[name].length], data: state[name] }]))
  await writeDurably(join(folder, stateFile(progress.step)), encodeSafetensors(tensors))
  const previous = await readProgress(folder)
  await writeDurably(join(folder, RUN_FILE), `${JSON.stringify(progress, null, 2)}\n`)
  if (previous && previous.step !== progress.step)
    await rm(join(folder, stateFile(previous.step)), { force: true })
}

/** The saved run in `folder`, or undefined when there is none. */
export async function loadRun(
  folder: string,
): Promise<{ progress: RunProgress; state: OptimizerState } | undefined> {
  const progress = await readProgress(folder)
  if (!progress) return undefined
  const { tensors } = decodeSafetensors(await readStateFile(folder, progress.step))
  const vector = (name: (typeof VECTORS)[number]) => {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`${folder}: the saved state has no "${name}"`)
    return tensor.data
  }
  const state = {
    weights: vector('weights'),
    average: vector('average'),
    mean: vector('mean'),
    variance: vector('variance'),
    updates: progress.updates,
  }
  return { progress, state }
}

/** Append one event to the run's log. */
export async function appendLog(folder: string, event: RunEvent): Promise<void> {
  await appendFile(join(folder, LOG_FILE), `${JSON.stringify(event)}\n`)
}

/** The events of the run's log. A line that a kill cut off is left out. */
export async function* readEvents(folder: string): AsyncGenerator<RunEvent> {
  const path = join(folder, LOG_FILE)
  if (!existsSync(path)) return
  const input = createReadStream(path)
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const event = parse(line)
    if (event) yield event
  }
}

function parse(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent
  } catch {
    return undefined
  }
}

/** The bytes of the vectors of a step. */
export function readStateFile(folder: string, step: number): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(join(folder, stateFile(step)))
}

/** Where the run in `folder` stands, without its vectors; undefined when there is none. */
export async function readProgress(folder: string): Promise<RunProgress | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, RUN_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const progress = JSON.parse(text) as RunProgress
  if (progress.format !== 1) {
    throw new Error(`${folder}: the run has format ${String(progress.format)}; this version reads format 1`)
  }
  return progress
}

function stateFile(step: number): string {
  return `state-${step}.safetensors`
}
