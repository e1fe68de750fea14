/** Released models on disk: a folder with `manifest.json`, `model.safetensors` and, for people, a model card. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parameterSpecs, type Weights } from '../graphs.ts'
import { writeDurably } from './durable-file.ts'
import { MANIFEST_FILE, type ModelManifest, parseManifest, WEIGHTS_FILE } from './manifest.ts'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'

export interface Checkpoint {
  readonly manifest: ModelManifest
  readonly weights: Weights
  /** SHA-256 of the weights file, in hex: the identity of the model. */
  readonly checksum: string
}

/** A model folder that cannot be used; the message says which file and why. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

/** Read and check the manifest alone. */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, MANIFEST_FILE)
  try {
    return parseManifest(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new CheckpointError(`${path}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Load a model and verify it: size and checksum of the weights file against the manifest, and the name and shape of
 * every weight against the architecture.
 *
 * @throws CheckpointError when anything does not agree
 */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const manifest = await readManifest(folder)
  const path = join(folder, WEIGHTS_FILE)
  const expected = manifest.files[WEIGHTS_FILE]!
  try {
    const { size } = await stat(path)
    if (size !== expected.bytes) throw new Error(`it has ${size} bytes, the manifest says ${expected.bytes}`)
    const bytes = await readFile(path)
    const checksum = sha256(bytes)
    if (checksum !== expected.sha256) {
      throw new Error(`its sha256 is ${checksum}, the manifest says ${expected.sha256}`)
    }
    const weights = decodeSafetensors(bytes).tensors
    for (const spec of parameterSpecs(manifest.architecture)) {
      const shape = weights.get(spec.name)?.shape
      if (shape?.join() !== spec.shape.join()) {
        throw new Error(
          `weight "${spec.name}" needs shape [${spec.shape}], the file has ${shape ? `[${shape}]` : 'none'}`,
        )
      }
    }
    return { manifest, weights, checksum }
  } catch (cause) {
    throw new CheckpointError(`${path}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Write a model folder. Each file is written under another name, synced and renamed, the manifest last, so that a
 * folder with a manifest is complete.
 */
export async function saveCheckpoint(
  folder: string,
  manifest: Omit<ModelManifest, 'format' | 'files'>,
  weights: Weights,
): Promise<ModelManifest> {
  const bytes = encodeSafetensors(weights, {
    format: 'posterior',
    name: manifest.name,
    version: manifest.version,
  })
  const complete = parseManifest({
    format: 1,
    ...manifest,
    files: { [WEIGHTS_FILE]: { bytes: bytes.length, sha256: sha256(bytes) } },
  })
  await mkdir(folder, { recursive: true })
  await writeDurably(join(folder, WEIGHTS_FILE), bytes)
  await writeDurably(join(folder, MANIFEST_FILE), `${JSON.stringify(complete, null, 2)}\n`)
  return complete
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
