/** The program of the worker: unpacks and verifies the one checkpoint that it was started with. */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import {
  decodeSafetensors,
  MANIFEST_FILE,
  type ModelManifest,
  parameterSpecs,
  parseManifest,
  SafetensorsError,
  saveCheckpoint,
  WEIGHTS_FILE,
  type Weights,
} from '@posterior/model'
import { ProjectError, readTar } from '@posterior/project'
import type { TrainingConfig } from '@posterior/training'
import type { CheckpointAnswer, CheckpointOrder } from './checkpoint-inbox.ts'

/** Three files, and the folders that a tar archive may mention. */
const MAX_ENTRIES = 8

/** What must be as the run's configuration says. */
const FIXED = ['name', 'version', 'architecture', 'tasks', 'trainedRange', 'inputs'] as const

class Refusal extends Error {}

async function unpack(order: CheckpointOrder): Promise<{ bytes: number; step: number }> {
  const { expected, folder } = order
  if (expected.kind === 'state') return unpackState(order, expected.config)
  const { facts } = expected
  const { manifest, weights } = filesOf(order)
  const given = manifestOf(manifest)
  for (const field of FIXED) {
    if (!isDeepStrictEqual(given[field], facts[field]))
      throw new Refusal(`its ${field} is not that of the run.`)
  }
  const { steps, datasets, seconds } = given.training
  const progress = Object.entries({ steps, datasets, seconds }).filter(([, value]) => Number.isFinite(value))
  // Nothing but the weights and these figures is kept of what came.
  const training = { ...facts.training, ...Object.fromEntries(progress) }
  await saveCheckpoint(folder, { ...facts, training }, weightsOf(weights, facts))
  return { bytes: manifest.length + weights.length, step: Number(training['steps'] ?? 0) }
}

async function unpackState(
  { archive, folder, maxBytes }: CheckpointOrder,
  config: TrainingConfig,
): Promise<{ bytes: number; step: number }> {
  // Loaded when it is needed, because it brings the native libraries of the engine.
  const { CarriedStateError, placeState, readState } = await import('@posterior/training')
  try {
    const files = readTar(inflated(archive, maxBytes), { maxEntries: MAX_ENTRIES })
    const carried = readState(files, config)
    await placeState(folder, carried)
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
    return { bytes, step: carried.progress.step }
  } catch (error) {
    throw error instanceof CarriedStateError ? new Refusal(`${error.message}.`) : error
  }
}

function filesOf({ archive, maxBytes }: CheckpointOrder): { manifest: Uint8Array; weights: Uint8Array } {
  const files = new Map<string, Uint8Array>()
  for (const { path, bytes } of readTar(inflated(archive, maxBytes), { maxEntries: MAX_ENTRIES })) {
    const name = path.replace(/^(?:model|checkpoint)\//, '')
    if (![MANIFEST_FILE, WEIGHTS_FILE].includes(name) || files.has(name)) {
      const shown = JSON.stringify(path.slice(0, 80))
      throw new Refusal(`it holds ${shown}; expected are ${MANIFEST_FILE} and ${WEIGHTS_FILE}, once.`)
    }
    files.set(name, bytes)
  }
  const [manifest, weights] = [files.get(MANIFEST_FILE), files.get(WEIGHTS_FILE)]
  if (!manifest || !weights) throw new Refusal(`it lacks ${manifest ? WEIGHTS_FILE : MANIFEST_FILE}.`)
  return { manifest, weights }
}

function inflated(archive: string, maxBytes: number): Buffer {
  try {
    return gunzipSync(readFileSync(archive), { maxOutputLength: maxBytes })
  } catch (error) {
    const isLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    throw new Refusal(isLarge ? `it has more than ${maxBytes} bytes unpacked.` : 'it is not a whole .tar.gz.')
  }
}

function manifestOf(bytes: Uint8Array): ModelManifest {
  try {
    return parseManifest(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    throw new Refusal(`${MANIFEST_FILE} cannot be read: ${(error as Error).message}.`)
  }
}

function weightsOf(bytes: Uint8Array, expected: Pick<ModelManifest, 'architecture'>): Weights {
  const { tensors } = decodeSafetensors(bytes)
  const specs = parameterSpecs(expected.architecture)
  if (tensors.size !== specs.length)
    throw new Refusal(`it has ${tensors.size} weights; the model has ${specs.length}.`)
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name)
    if (tensor?.shape.join() !== shape.join()) {
      throw new Refusal(
        `weight "${name}" needs shape [${shape}], it has ${tensor ? `[${tensor.shape}]` : 'none'}.`,
      )
    }
    if (!tensor.data.every(Number.isFinite)) throw new Refusal(`weight "${name}" is not finite everywhere.`)
  }
  return new Map(specs.map(({ name }) => [name, tensors.get(name)!]))
}

async function answer(): Promise<CheckpointAnswer> {
  try {
    return await unpack(workerData as CheckpointOrder)
  } catch (error) {
    const isForeign =
      error instanceof Refusal || error instanceof ProjectError || error instanceof SafetensorsError
    if (!isForeign) throw error
    return { refused: error.message }
  }
}

parentPort?.postMessage(await answer())
