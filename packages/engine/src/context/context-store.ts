/**
 * Contexts on disk: a folder with `context.json` and `context.safetensors`.
 *
 * A context is written into a folder of another name, synced and renamed, so a folder of the right name is complete
 * whenever the machine stops. `context.json` is `{"format":N,"sha256":"<of the state's text>","state":{...}}`; the state
 * names size and SHA-256 of the tensor file. Both are verified at each load. The further
 * parts of a blend have their states beside the first, and their tensors in the same file as `1/NAME`, `2/NAME`, ...
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import {
  decodeSafetensors,
  encodeSafetensors,
  syncFolder,
  type WeightTensor,
  writeSynced,
} from '@posterior/model'
import { EngineError } from '../errors.ts'
import type { Blend } from './blend.ts'
import { type Context, type ContextState, checkTensors } from './context-state.ts'

const STATE_FILE = 'context.json'
const TENSOR_FILE = 'context.safetensors'
/**
 * Format 2 is that of contexts whose members have preparations or groups, format 3 that of blends, format 4 that of
 * contexts and blends with ridge columns; any other context is as in format 1, so that older programs read it and refuse
 * the others.
 */
const FORMATS = [1, 2, 3, 4]
const BLEND_FORMAT = 3
const RIDGE_FORMAT = 4

interface StoredState {
  readonly context: ContextState
  readonly tensors: { readonly bytes: number; readonly sha256: string }
  readonly blend?: Omit<Blend, 'others'> & { readonly others: readonly ContextState[] }
}

/**
 * Save a context. One that is there already is replaced; at no moment is there a part of one. Two saves to one folder
 * at the same time are not possible.
 *
 * @returns bytes on disk
 */
export async function saveContext(folder: string, context: Context): Promise<number> {
  const target = resolve(folder)
  const { state, blend } = context
  const tensors = encodeSafetensors(allTensors(context), { format: 'posterior-context' })
  const stored: StoredState = {
    context: state,
    tensors: { bytes: tensors.length, sha256: sha256(tensors) },
    ...(blend && { blend: { ...blend, others: blend.others.map((other) => other.state) } }),
  }
  const text = serialise(stored)
  await mkdir(dirname(target), { recursive: true })
  await removeLeftovers(target)
  try {
    const temporary = `${target}.${process.pid}.tmp`
    await mkdir(temporary)
    await writeSynced(join(temporary, TENSOR_FILE), tensors)
    await writeSynced(join(temporary, STATE_FILE), text)
    await syncFolder(temporary)
    await replaceFolder(temporary, target)
    await syncFolder(dirname(target))
  } catch (error) {
    await removeLeftovers(target)
    throw error
  }
  return tensors.length + Buffer.byteLength(text)
}

/**
 * Identify what is stored in a folder.
 *
 * @throws EngineError context_not_found
 */
export async function stampContext(folder: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(join(folder, STATE_FILE))
    return `${ino}:${mtimeMs}:${size}`
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new EngineError('context_not_found', 'This fitted model does not exist any more. Fit again.', {
      cause,
    })
  }
}

/**
 * Load and verify a context.
 *
 * @throws EngineError context_not_found, context_corrupt, context_unsupported
 */
export async function loadContext(folder: string): Promise<{ context: Context; bytes: number }> {
  await stampContext(folder)
  try {
    const text = await readFile(join(folder, STATE_FILE), 'utf8')
    const stored = parse(text)
    const bytes = await readFile(join(folder, TENSOR_FILE))
    if (bytes.length !== stored.tensors.bytes || sha256(bytes) !== stored.tensors.sha256) {
      throw new RangeError(
        `${TENSOR_FILE} has ${bytes.length} bytes or a checksum that differ from the state's`,
      )
    }
    const context = restore(stored, decodeSafetensors(bytes).tensors)
    checkTensors(context)
    for (const other of context.blend?.others ?? []) checkTensors(other)
    return { context, bytes: bytes.length + text.length }
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('context_corrupt', 'This fitted model is damaged on disk. Fit again.', { cause })
  }
}

/**
 * Remove what an interrupted save left beside `folder`, and put back the context that it was about to replace. Call it
 * when no save to that folder is running.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const target = resolve(folder)
  const prefix = `${basename(target)}.`
  for (const name of await readdir(dirname(target))) {
    const kind = name.startsWith(prefix) && /^\d+\.(tmp|old)$/.exec(name.slice(prefix.length))?.[1]
    if (!kind) continue
    const leftover = join(dirname(target), name)
    if (kind === 'old' && !(await exists(target))) await rename(leftover, target)
    else await rm(leftover, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function allTensors({ tensors, blend }: Context): ReadonlyMap<string, WeightTensor> {
  if (!blend) return tensors
  const others = blend.others.flatMap((other, i) =>
    [...other.tensors].map(([name, tensor]) => [`${i + 1}/${name}`, tensor] as const),
  )
  return new Map([...tensors, ...others])
}

function restore({ context: state, blend }: StoredState, all: ReadonlyMap<string, WeightTensor>): Context {
  if (!blend) return { state, tensors: all }
  const tensorsOf = (prefix: string) =>
    new Map(
      [...all]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    )
  const others = blend.others.map((other, i) => ({ state: other, tensors: tensorsOf(`${i + 1}/`) }))
  const own = new Map([...all].filter(([name]) => !name.includes('/')))
  return { state, tensors: own, blend: { ...blend, others } }
}

function serialise(stored: StoredState): string {
  const state = JSON.stringify(stored)
  return `${head(formatOf(stored), sha256(state))}${state}}`
}

function formatOf({ context: { preparations, groups, ridge }, blend }: StoredState): number {
  if (ridge || blend?.others.some((other) => other.ridge)) return RIDGE_FORMAT
  if (blend) return BLEND_FORMAT
  return preparations || groups ? 2 : 1
}

function head(format: number, checksum: string): string {
  return `{"format":${format},"sha256":"${checksum}","state":`
}

function parse(text: string): StoredState {
  const format = Number(/^\{"format":(\d+),/.exec(text)?.[1] ?? FORMATS[0])
  if (!FORMATS.includes(format)) {
    throw new EngineError(
      'context_unsupported',
      `This fitted model was saved in format ${format}; this version reads formats ${FORMATS.join(', ')}. Fit again.`,
    )
  }
  const start = head(format, '0'.repeat(64)).length
  const state = text.slice(start, -1)
  if (text !== `${head(format, sha256(state))}${state}}`) throw new RangeError(`${STATE_FILE} was changed`)
  const stored = JSON.parse(state) as StoredState
  if (format !== formatOf(stored)) throw new RangeError(`format ${format} does not fit`)
  return stored
}

/** A folder with content cannot be renamed over: the old one steps aside first. */
async function replaceFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    const old = `${to}.${process.pid}.old`
    await rename(to, old)
    await rename(from, to)
    await rm(old, { recursive: true, force: true })
  }
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}
