/**
 * The saved state of a run as files that another machine goes on from: how far it came (`progress.json`), the optimiser's
 * vectors (`state.safetensors`) and the losses of its steps so far (`losses.json`), of which its results are made. The
 * configuration does not travel: who goes on has the plan.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeSafetensors,
  SafetensorsError,
  saveCheckpoint,
  type Weights,
  writeDurably,
} from '@posterior/model'
import { ParameterLayout } from '../optimizer/flat-parameters.ts'
import type { OptimizerState } from '../optimizer/optimizer.ts'
import { brainManifest } from './brain-manifest.ts'
import {
  LOG_FILE,
  type RunProgress,
  readEvents,
  readProgress,
  readStateFile,
  saveRun,
  VECTORS,
} from './run-state.ts'
import type { TrainingConfig } from './training-config.ts'

/** Names of the files. */
export const STATE_FILES = { progress: 'progress.json', vectors: 'state.safetensors', losses: 'losses.json' }

/** Longest `progress.json`, and longest loss in `losses.json` with what stands between two, in bytes. */
const PROGRESS_BYTES = 4_096
const LOSS_BYTES = 32

/** Vectors and header beside the numbers themselves. */
const HEADER_BYTES = 65_536

const READS = 3

/** Files that are no state of the run; the message says what is wrong. */
export class CarriedStateError extends Error {
  override readonly name = 'CarriedStateError'
}

export interface CarriedFile {
  readonly path: string
  readonly bytes: Uint8Array
}

export interface CarriedState {
  readonly progress: RunProgress
  readonly state: OptimizerState
  /** Of steps 1, 2, ...; null for a step whose gradient was not finite. */
  readonly losses: readonly (number | null)[]
}

/** The state that is saved in `folder`, whose run may be going on; undefined while there is none. */
export async function packState(folder: string): Promise<{ step: number; files: CarriedFile[] } | undefined> {
  for (let reads = 1; ; reads++) {
    const saved = await readProgress(folder)
    if (!saved) return undefined
    const { config: _, ...progress } = saved
    try {
      const vectors = await readStateFile(folder, progress.step)
      const losses = await lossesOf(folder, progress.step)
      const texts = { progress: JSON.stringify(progress), losses: JSON.stringify(losses) }
      const files = [
        { path: STATE_FILES.progress, bytes: Buffer.from(texts.progress) },
        { path: STATE_FILES.vectors, bytes: vectors },
        { path: STATE_FILES.losses, bytes: Buffer.from(texts.losses) },
      ]
      return { step: progress.step, files }
    } catch (error) {
      // The trainer has saved another one meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || reads >= READS) throw error
    }
  }
}

/** Most bytes of all files of a state of this configuration after `steps` steps. */
export function stateBytes({ architecture }: TrainingConfig, steps: number): number {
  const { length } = new ParameterLayout(architecture)
  return PROGRESS_BYTES + HEADER_BYTES + VECTORS.length * 4 * length + LOSS_BYTES * (steps + 1)
}

/**
 * Read and check files that somebody else packed.
 *
 * @throws CarriedStateError when they are no state of a run of this configuration, or not finite
 */
export function readState(files: readonly CarriedFile[], config: TrainingConfig): CarriedState {
  const bytesOf = (name: string) => {
    const found = files.filter(({ path }) => path === name)
    if (found.length === 1) return found[0]!.bytes
    throw new CarriedStateError(`it needs one ${name}, it has ${found.length}`)
  }
  const known = Object.values(STATE_FILES)
  const other = files.find(({ path }) => !known.includes(path))
  if (other)
    throw new CarriedStateError(`it holds ${JSON.stringify(other.path.slice(0, 80))}; expected are ${known}`)
  const progress = progressOf(bytesOf(STATE_FILES.progress), config)
  const losses = lossesIn(bytesOf(STATE_FILES.losses), progress.step)
  const vectors = vectorsIn(bytesOf(STATE_FILES.vectors), new ParameterLayout(config.architecture).length)
  return { progress, losses, state: { ...vectors, updates: progress.updates } }
}

/** Write the state and its model into the folder of a run, from which training goes on. */
export async function placeState(folder: string, { progress, state, losses }: CarriedState): Promise<void> {
  await mkdir(folder, { recursive: true })
  const lines = losses.map((loss, i) =>
    loss === null ? '' : `${JSON.stringify({ type: 'step', step: i + 1, loss })}\n`,
  )
  await writeDurably(join(folder, LOG_FILE), lines.join(''))
  const { config } = progress
  const weights = new ParameterLayout(config.architecture).toWeights(state.average) as Weights
  await saveCheckpoint(join(folder, 'model'), brainManifest(config, progress), weights)
  await saveRun(folder, progress, state)
}

/** The step of the state that is saved in `folder`; undefined when there is none. */
export async function savedStep(folder: string): Promise<number | undefined> {
  return (await readProgress(folder))?.step
}

async function lossesOf(folder: string, steps: number): Promise<(number | null)[]> {
  const losses = new Array<number | null>(steps).fill(null)
  for await (const event of readEvents(folder)) {
    // A step that was taken again after a kill came to the same.
    if (event.type === 'step' && event.step <= steps) losses[event.step - 1] = event.loss
  }
  return losses
}

function progressOf(bytes: Uint8Array, config: TrainingConfig): RunProgress {
  const given = (parse(STATE_FILES.progress, bytes, PROGRESS_BYTES) ?? {}) as Record<string, unknown>
  if (given['format'] !== 1) {
    throw new CarriedStateError(
      `${STATE_FILES.progress} has format ${given['format']}; this version reads format 1`,
    )
  }
  const most =
    'steps' in config.budget ? (config.budget.steps ?? Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER
  const whole = (name: string, greatest: number) => {
    const value = given[name]
    if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= greatest) return Number(value)
    throw new CarriedStateError(
      `${name} must be a whole number from 0 to ${greatest}, it is ${String(value)}`,
    )
  }
  const step = whole('step', most)
  const { seconds, decayStart } = given
  if (typeof seconds !== 'number' || !(seconds >= 0 && Number.isFinite(seconds))) {
    throw new CarriedStateError(`seconds must be a number from 0, it is ${String(seconds)}`)
  }
  return {
    ...{ format: 1, config, step, seconds },
    updates: whole('updates', step),
    datasets: whole('datasets', Number.MAX_SAFE_INTEGER),
    decayStart: decayStart === null ? null : whole('decayStart', step),
  }
}

function lossesIn(bytes: Uint8Array, steps: number): (number | null)[] {
  const losses = parse(STATE_FILES.losses, bytes, LOSS_BYTES * (steps + 1))
  const isLoss = (value: unknown) => value === null || typeof value === 'number'
  if (Array.isArray(losses) && losses.length === steps && losses.every(isLoss)) return losses
  throw new CarriedStateError(`${STATE_FILES.losses} must be ${steps} numbers, one for each step`)
}

function vectorsIn(bytes: Uint8Array, length: number): Omit<OptimizerState, 'updates'> {
  const { tensors } = decode(bytes)
  const vector = (name: (typeof VECTORS)[number]) => {
    const found = tensors.get(name)?.data
    if (found?.length !== length) {
      throw new CarriedStateError(`"${name}" must have ${length} numbers, it has ${found?.length ?? 'none'}`)
    }
    const isWrong = (value: number) => !Number.isFinite(value) || (name === 'variance' && value < 0)
    if (found.some(isWrong)) throw new CarriedStateError(`"${name}" has a number that no training leads to`)
    return found
  }
  if (tensors.size !== VECTORS.length) {
    throw new CarriedStateError(`${STATE_FILES.vectors} has ${tensors.size} vectors, expected are ${VECTORS}`)
  }
  return {
    weights: vector('weights'),
    average: vector('average'),
    mean: vector('mean'),
    variance: vector('variance'),
  }
}

function decode(bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes)
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause
    throw new CarriedStateError(`${STATE_FILES.vectors}: ${cause.message}`, { cause })
  }
}

function parse(name: string, bytes: Uint8Array, limit: number): unknown {
  if (bytes.length > limit)
    throw new CarriedStateError(`${name} has ${bytes.length} bytes, the limit is ${limit}`)
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new CarriedStateError(`${name} is not JSON`, { cause })
  }
}
