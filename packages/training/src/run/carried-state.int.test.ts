/** A run that goes on where another machine left it; what is no state of it changes nothing. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeSafetensors, PRESETS } from '@posterior/model'
import { beforeAll, expect, test } from 'vitest'
import { readOutcome } from '../studio/training-outcome.ts'
import { brainTrainingConfig } from './brain-config.ts'
import {
  type CarriedFile,
  packState,
  placeState,
  readState,
  STATE_FILES,
  savedStep,
  stateBytes,
} from './carried-state.ts'
import type { RunEvent } from './run-events.ts'
import { train } from './trainer.ts'
import type { TrainingConfig } from './training-config.ts'

const CONFIG: TrainingConfig = {
  ...brainTrainingConfig({ kind: 'catalogue', id: 'coin-flip', overrides: {} }, { budget: { steps: 6 } }),
  architecture: { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2 },
  evaluateEvery: 0,
  saveEvery: 2,
}
const OPTIONS = { workers: 1, threads: 1, evals: [] }

const newFolder = () => mkdtemp(join(tmpdir(), 'posterior-carried-'))
const weightsOf = (folder: string) => readFile(join(folder, 'model', 'model.safetensors'))

let straight: string
let left: string
let files: CarriedFile[]
beforeAll(async () => {
  straight = await newFolder()
  await train(CONFIG, { ...OPTIONS, folder: straight })
  left = await newFolder()
  const stop = new AbortController()
  const onEvent = (event: RunEvent) => event.type === 'step' && event.step === 3 && stop.abort()
  expect(await packState(left)).toBeUndefined()
  await train(CONFIG, { ...OPTIONS, folder: left, signal: stop.signal, onEvent })
  files = (await packState(left))!.files
})

test('a run goes on in another folder to the weights and results of one that stayed', async () => {
  const other = await newFolder()
  expect(await savedStep(other)).toBeUndefined()
  await placeState(other, readState(files, CONFIG))
  expect(await savedStep(other)).toBe(3)
  expect((await weightsOf(other)).equals(await weightsOf(left))).toBe(true)
  await train(CONFIG, { ...OPTIONS, folder: other })
  expect((await weightsOf(other)).equals(await weightsOf(straight))).toBe(true)
  const [there, here] = [await readOutcome(straight), await readOutcome(other)]
  const untimed = ({ ...outcome }: Record<string, unknown>) => ({ ...outcome, wall_time_s: 0 })
  if (there.kind !== 'completed' || here.kind !== 'completed') throw new Error('it did not complete')
  expect(untimed(here.results)).toEqual(untimed(there.results))
})

test('a state has no more bytes than it may have, and tells nothing but numbers', () => {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
  expect(bytes).toBeLessThanOrEqual(stateBytes(CONFIG, 3))
  const progress = JSON.parse(String(files[0]!.bytes))
  expect(Object.keys(progress).sort()).toEqual([
    ...['datasets', 'decayStart', 'format', 'seconds', 'step', 'updates'],
  ])
})

const json = (path: string, value: unknown) => ({ path, bytes: Buffer.from(JSON.stringify(value)) })
const progressWith = (change: object) =>
  json(STATE_FILES.progress, { ...JSON.parse(String(files[0]!.bytes)), ...change })
const vectors = (length: number, change: Record<string, Float32Array> = {}) => {
  const names = ['weights', 'average', 'mean', 'variance']
  const tensors = names.map((name) => [name, change[name] ?? new Float32Array(length)] as const)
  const shaped = tensors.map(([name, data]) => [name, { shape: [data.length], data }] as const)
  return { path: STATE_FILES.vectors, bytes: encodeSafetensors(new Map(shaped)) }
}

test('what is no state of the run is refused with the reason', () => {
  const [progress, state, losses] = files as [CarriedFile, CarriedFile, CarriedFile]
  const length = readState(files, CONFIG).state.weights.length satisfies number as number
  const bad = new Float32Array(length).fill(Number.NaN, 3, 4)
  const below = new Float32Array(length).fill(-1, 3, 4)
  const hostile: [CarriedFile[], RegExp][] = [
    [[], /needs one progress.json, it has 0/],
    [[...files, progress], /it has 2/],
    [[...files, json('run.json', {})], /it holds "run.json"/],
    [[json(STATE_FILES.progress, { format: 2 }), state, losses], /format 2/],
    [[json(STATE_FILES.progress, null), state, losses], /format undefined/],
    [[{ path: STATE_FILES.progress, bytes: Buffer.from('{') }, state, losses], /is not JSON/],
    [[{ path: STATE_FILES.progress, bytes: Buffer.alloc(5_000, 32) }, state, losses], /the limit is 4096/],
    [[progressWith({ step: 7 }), state, losses], /step must be a whole number from 0 to 6, it is 7/],
    [[progressWith({ step: 1e9 }), state, losses], /from 0 to 6/],
    [[progressWith({ updates: 4 }), state, losses], /updates must be a whole number from 0 to 3/],
    [[progressWith({ seconds: -1 }), state, losses], /seconds must be/],
    [[progressWith({ decayStart: '1' }), state, losses], /decayStart must be/],
    [[progress, state, json(STATE_FILES.losses, [1, 2])], /must be 3 numbers/],
    [[progress, state, json(STATE_FILES.losses, [1, 2, 'x'])], /must be 3 numbers/],
    [[progress, { path: STATE_FILES.vectors, bytes: Buffer.alloc(4) }, losses], /at least 8 bytes/],
    [[progress, vectors(length - 1), losses], /"weights" must have \d+ numbers/],
    [[progress, vectors(length, { average: bad }), losses], /"average" has a number/],
    [[progress, vectors(length, { variance: below }), losses], /"variance" has a number/],
  ]
  for (const [given, reason] of hostile) expect(() => readState(given, CONFIG)).toThrow(reason)
})
