import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { PRESETS } from '../config.ts'
import { initialWeights } from '../initialise.ts'
import type { ModelConfig } from '../model-config.ts'
import { CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { limitsOf, parseManifest } from './manifest.ts'
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.ts'

const CONFIG: ModelConfig = { ...PRESETS.nano, cellWidth: 8, rowLayers: 1, inducingPoints: 2 }
const FACTS = {
  name: 'tiny',
  version: '0.0.1',
  architecture: CONFIG,
  tasks: ['classification', 'regression'],
  licence: 'Apache-2.0',
  trainedRange: { rows: [8, 100], columns: [1, 10], classes: [2, 10] },
  training: { steps: 0 },
} as const

/** A fixed sequence is enough to tell weights apart. */
function weights() {
  let i = 0
  return initialWeights(CONFIG, { normal: () => Math.sin(i++) })
}

describe('a checkpoint', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posterior-checkpoint-'))
    await saveCheckpoint(folder, FACTS, weights())
  })

  test('vouches for its trained range unless its manifest states limits', async () => {
    expect(limitsOf((await loadCheckpoint(folder)).manifest)).toEqual({ rows: 100, columns: 10, classes: 10 })
    const limits = { rows: 5000, columns: 40, classes: 20 }
    await saveCheckpoint(folder, { ...FACTS, limits }, weights())
    expect(limitsOf((await loadCheckpoint(folder)).manifest)).toEqual(limits)
    expect(() => parseManifest({ ...FACTS, format: 1, limits: { rows: 5000, columns: 40 } })).toThrow()
  })

  test('comes back as it was saved', async () => {
    const { manifest, weights: loaded } = await loadCheckpoint(folder)
    expect(manifest).toMatchObject(FACTS)
    for (const [name, weight] of weights()) expect(loaded.get(name)).toEqual(weight)
  })

  test('with one changed byte is refused by its checksum', async () => {
    const path = join(folder, 'model.safetensors')
    const bytes = await readFile(path)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(path, bytes)
    await expect(loadCheckpoint(folder)).rejects.toThrow(/sha256 is [0-9a-f]{64}, the manifest says/)
  })

  test('that was cut off is refused by its size', async () => {
    const path = join(folder, 'model.safetensors')
    await writeFile(path, (await readFile(path)).subarray(0, 1000))
    await expect(loadCheckpoint(folder)).rejects.toThrow('1000 bytes, the manifest says')
  })

  test('of another architecture is refused by the weight that does not fit', async () => {
    const path = join(folder, 'manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    manifest.architecture.inducingPoints = 3
    await writeFile(path, JSON.stringify(manifest))
    await expect(loadCheckpoint(folder)).rejects.toThrow('needs shape [3,8], the file has [2,8]')
  })

  test.each([
    ['no JSON', 'manifest', 'manifest.json'],
    ['another format', '{"format": 2}', 'format 2'],
    ['no licence', '{"format":1,"name":"a","version":"1"}', 'licence'],
  ])('whose manifest is %s is refused', async (_, content, message) => {
    await writeFile(join(folder, 'manifest.json'), content)
    await expect(loadCheckpoint(folder)).rejects.toThrow(CheckpointError)
    await expect(loadCheckpoint(folder)).rejects.toThrow(message)
  })
})

describe('safetensors', () => {
  test('keep names, shapes, values and metadata', () => {
    const tensors = new Map([
      ['b', { shape: [2, 3], data: Float32Array.from([1, -2, 3.5, 0, 1e-30, 6]) }],
      ['a', { shape: [], data: Float32Array.from([7]) }],
    ])
    const file = decodeSafetensors(encodeSafetensors(tensors, { made: 'here' }))
    expect([...file.tensors]).toEqual([...tensors])
    expect(file.metadata).toEqual({ made: 'here' })
  })

  test('read half precision', () => {
    const header = JSON.stringify({ h: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } })
    const bytes = new Uint8Array(8 + header.length + 8)
    bytes[0] = header.length
    bytes.set(new TextEncoder().encode(header), 8)
    bytes.set(new Uint8Array(Uint16Array.from([0x3c00, 0xc100, 0x0001, 0x7bff]).buffer), 8 + header.length)
    expect([...decodeSafetensors(bytes).tensors.get('h')!.data]).toEqual([1, -2.5, 2 ** -24, 65504])
  })

  test.each([
    ['an empty file', new Uint8Array(0), 'at least 8 bytes'],
    [
      'a header that claims more than the file',
      Uint8Array.from([255, 255, 255, 255, 0, 0, 0, 0]),
      'header claims',
    ],
    ['a header that is not JSON', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 65, 66]), 'not JSON'],
    [
      'a tensor outside the file',
      file({ t: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }),
      'lies at 0..8',
    ],
    [
      'a shape that does not fit',
      file({ t: { dtype: 'F32', shape: [9], data_offsets: [0, 0] } }),
      'needs 9 values',
    ],
    ['another type', file({ t: { dtype: 'I64', shape: [0], data_offsets: [0, 0] } }), 'type I64'],
  ])('refuse %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError)
    expect(() => decodeSafetensors(bytes)).toThrow(message)
  })
})

function file(header: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length)
  bytes[0] = json.length
  bytes.set(json, 8)
  return bytes
}
