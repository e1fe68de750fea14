/** Checkpoints from elsewhere: good ones are kept as they are, and everything else leaves nothing behind. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  encodeSafetensors,
  initialWeights,
  loadCheckpoint,
  PRESETS,
  saveCheckpoint,
  type Weights,
} from '@posterior/model'
import { writeTar } from '@posterior/project'
import { brainManifest, brainTrainingConfig, loadRun, stateBytes } from '@posterior/training'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../testing/test-server.ts'
import { CheckpointInbox, INBOX } from './checkpoint-inbox.ts'

const TINY = { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2 }
const PRIOR = { kind: 'catalogue', id: 'coin-flip', overrides: {} } as const
const CONFIG = { ...brainTrainingConfig(PRIOR), architecture: TINY }
const FACTS = brainManifest(CONFIG, { step: 0, datasets: 0, seconds: 0 })

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let runs: string
let inbox: CheckpointInbox
let manifest: Buffer
let weights: Buffer
beforeAll(async () => {
  folder = await temporaryFolder()
  runs = join(folder.path, 'runs')
  inbox = new CheckpointInbox(runs)
  await saveCheckpoint(join(folder.path, 'trained'), trainedFacts(), someWeights())
  manifest = await readFile(join(folder.path, 'trained', 'manifest.json'))
  weights = await readFile(join(folder.path, 'trained', 'model.safetensors'))
})
afterAll(() => folder.cleanUp())

const trainedFacts = () => brainManifest(CONFIG, { step: 7, datasets: 20, seconds: 3 })

function someWeights(): Weights {
  let i = 0
  return initialWeights(TINY, { normal: () => Math.sin(i++) })
}

interface File {
  path: string
  bytes: Uint8Array
}

const good = (): File[] => [
  { path: 'manifest.json', bytes: manifest },
  { path: 'model/model.safetensors', bytes: weights },
]

async function* chunksOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

const take = (bytes: Uint8Array) => inbox.take('run', chunksOf(bytes), FACTS)
const pack = (files: File[]) => gzipSync(writeTar(files))

/** A checkpoint of another configuration, with a manifest that agrees with its weights. */
async function foreign(change: object, values: Weights = someWeights()): Promise<File[]> {
  const place = join(folder.path, 'foreign')
  await saveCheckpoint(place, { ...trainedFacts(), ...change }, values)
  const bytesOf = (path: string) => readFile(join(place, path))
  return [
    { path: 'manifest.json', bytes: await bytesOf('manifest.json') },
    { path: 'model.safetensors', bytes: await bytesOf('model.safetensors') },
  ]
}

test('a whole checkpoint becomes the model of the run, byte for byte in its weights', async () => {
  const { bytes, folder: taken } = await take(pack(good()))
  expect(bytes).toBe(manifest.length + weights.length)
  expect(existsSync(join(runs, 'run', 'model'))).toBe(false)
  await inbox.place('run', taken)
  const placed = join(runs, 'run', 'model')
  expect((await readFile(join(placed, 'model.safetensors'))).equals(weights)).toBe(true)
  expect((await loadCheckpoint(placed)).manifest.training).toMatchObject({ steps: 7, datasets: 20, seed: 1 })
  // A later one takes its place.
  const again = await take(pack(good()))
  await inbox.place('run', again.folder)
  expect(await readdir(join(runs, INBOX))).toEqual([])
})

test('what the manifest says beside the facts is not kept', async () => {
  const taken = await take(pack(await foreign({ training: { steps: 9, note: '<script>', path: '/srv' } })))
  const { training } = (await loadCheckpoint(taken.folder)).manifest
  expect(training['steps']).toBe(9)
  expect(JSON.stringify(training)).not.toMatch(/script|srv/)
  await inbox.drop(taken.folder)
})

test('what is no checkpoint of this run is refused with the reason, and nothing of it stays', async () => {
  const infinite = someWeights()
  const [name, tensor] = [...infinite][0]!
  const data = tensor.data.slice().fill(Number.NaN, 0, 1)
  const hostile: [Uint8Array, RegExp][] = [
    [Buffer.from('no archive'), /not a whole .tar.gz/],
    [pack(good()).subarray(0, 300), /not a whole .tar.gz/],
    [pack([good()[0]!]), /lacks model.safetensors/],
    [pack([...good(), { path: 'extra.js', bytes: Buffer.from('x') }]), /"extra.js"/],
    [pack([{ path: '../../up', bytes: Buffer.from('x') }, ...good()]), /the path/],
    [pack([{ path: '/etc/passwd', bytes: Buffer.from('x') }, ...good()]), /the path/],
    [link('model', '/etc'), /link or device/],
    [gzipSync(Buffer.alloc(64 << 20)), /more than \d+ bytes unpacked/],
    [pack(await foreign({ architecture: { ...TINY, inducingPoints: 3 } }, others())), /its architecture/],
    [
      pack(await foreign({ trainedRange: { rows: [1, 2], columns: [9, 9], classes: [2, 2] } })),
      /its trainedRange/,
    ],
    [pack(await foreign({ tasks: ['regression'] })), /its tasks/],
    [pack(await foreign({}, new Map([...infinite, [name, { ...tensor, data }]]))), /not finite/],
    [
      pack([good()[0]!, { path: 'model.safetensors', bytes: encodeSafetensors(new Map()) }]),
      /it has 0 weights/,
    ],
    [pack([{ path: 'manifest.json', bytes: Buffer.from('{') }, good()[1]!]), /manifest.json cannot be read/],
  ]
  for (const [bytes, reason] of hostile) {
    const refusal = await take(bytes).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringMatching(reason) })
  }
  const large = take(Buffer.alloc(8 << 20))
  await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  expect(await readdir(join(runs, INBOX))).toEqual([])
}, 60_000)

const zeros = (length: number) => new Float32Array(length)

/** A state of `CONFIG` at a step, with a mistake where one is named. */
function state(step: number, { length = LENGTH, extra = [] as File[] } = {}): Uint8Array {
  const tensors = ['weights', 'average', 'mean', 'variance'].map(
    (name) => [name, { shape: [length], data: zeros(length).fill(name === 'average' ? 0.5 : 0.1) }] as const,
  )
  const progress = { format: 1, step, updates: step, datasets: step, seconds: 2, decayStart: null }
  const losses = Array.from({ length: step }, (_, i) => 1 / (i + 1))
  return pack([
    { path: 'progress.json', bytes: Buffer.from(JSON.stringify(progress)) },
    { path: 'state.safetensors', bytes: encodeSafetensors(new Map(tensors)) },
    { path: 'losses.json', bytes: Buffer.from(JSON.stringify(losses)) },
    ...extra,
  ])
}

const LENGTH = [...someWeights().values()].reduce((sum, { data }) => sum + data.length, 0)
const takeState = (bytes: Uint8Array) =>
  inbox.takeState('resumed', chunksOf(bytes), { config: CONFIG, stateBytes: stateBytes(CONFIG, 100) })

test('a state becomes the folder that the run goes on from, in place of the one before', async () => {
  const target = join(runs, 'resumed')
  for (const step of [4, 9]) {
    const taken = await takeState(state(step))
    expect(taken.step).toBe(step)
    await inbox.placeState('resumed', taken.folder)
    expect((await loadRun(target))!.progress).toMatchObject({ step, seconds: 2, config: CONFIG })
    const { manifest, weights: placed } = await loadCheckpoint(join(target, 'model'))
    expect(manifest.training['steps']).toBe(step)
    expect([...placed.values()].every(({ data }) => data.every((value) => value === 0.5))).toBe(true)
  }
  expect((await readdir(target)).sort()).toEqual(['log.jsonl', 'model', 'run.json', 'state-9.safetensors'])
  expect(await readdir(join(runs, INBOX))).toEqual([])
}, 60_000)

test('what is no state of this run is refused with the reason, and nothing of it stays', async () => {
  const hostile: [Uint8Array, RegExp][] = [
    [pack(good()), /"manifest.json"/],
    [state(3, { length: LENGTH - 1 }), /"weights" must have/],
    [state(3, { extra: [{ path: '../run.json', bytes: Buffer.from('{}') }] }), /the path/],
    [gzipSync(Buffer.alloc(64 << 20)), /more than \d+ bytes unpacked/],
  ]
  for (const [bytes, reason] of hostile) {
    const refusal = await takeState(bytes).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringMatching(reason) })
  }
  await expect(takeState(Buffer.alloc(8 << 20))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  expect(await readdir(join(runs, INBOX))).toEqual([])
}, 60_000)

function others(): Weights {
  let i = 0
  return initialWeights({ ...TINY, inducingPoints: 3 }, { normal: () => Math.sin(i++) })
}

/** An archive with a symbolic link. */
function link(name: string, target: string): Uint8Array {
  const tar = writeTar([{ path: name, bytes: new Uint8Array(0) }])
  tar.write('2', 156, 'latin1')
  tar.write(target, 157, 'latin1')
  tar.fill(' ', 148, 156, 'latin1')
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return gzipSync(tar)
}
