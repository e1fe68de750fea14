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
import type { CheckpointAnswer, CheckpointOrder } from './checkpoint-inbox.ts'

/** Two files, and the folders that a tar archive may mention. */
const MAX_ENTRIES = 8

/** What must be as the run's configuration says. */
const FIXED = ['name', 'version', 'architecture', 'tasks', 'trainedRange', 'inputs'] as const

class Refusal extends Error {}

async function unpack({ archive, folder, expected, maxBytes }: CheckpointOrder): Promise<number> {
  const { manifest, weights } = filesOf(archive, maxBytes)
  const given = manifestOf(manifest)
  for (const field of FIXED) {
    if (!isDeepStrictEqual(given[field], expected[field]))
      throw new Refusal(`its ${field} is not that of the run.`)
  }
  const { steps, datasets, seconds } = given.training
  const progress = Object.entries({ steps, datasets, seconds }).filter(([, value]) => Number.isFinite(value))
  // Nothing but the weights and these figures is kept of what came.
  const training = { ...expected.training, ...Object.fromEntries(progress) }
  await saveCheckpoint(folder, { ...expected, training }, weightsOf(weights, expected))
  return manifest.length + weights.length
}

function filesOf(archive: string, maxBytes: number): { manifest: Uint8Array; weights: Uint8Array } {
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

function weightsOf(bytes: Uint8Array, expected: CheckpointOrder['expected']): Weights {
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
    return { bytes: await unpack(workerData as CheckpointOrder) }
  } catch (error) {
    const isForeign =
      error instanceof Refusal || error instanceof ProjectError || error instanceof SafetensorsError
    if (!isForeign) throw error
    return { refused: error.message }
  }
}

parentPort?.postMessage(await answer())
