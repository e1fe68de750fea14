import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ContextCache } from './context-cache.ts'
import type { Context } from './context-state.ts'
import { loadContext, removeLeftovers, saveContext } from './context-store.ts'

let root = ''
let folder = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'context-test-'))
  folder = join(root, 'fit')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function makeContext(value = 1, rows = 3): Context {
  const shape = [2, rows, 16]
  return {
    state: {
      task: 'regression',
      model: { id: 'm', checksum: 'c' },
      rowCount: 3,
      columnCount: rows,
      modelColumnCount: rows,
      options: {
        estimators: 2,
        randomState: 0,
        categoricalColumns: null,
        ignoreTrainedRange: true,
        softmaxTemperature: 1,
        averageBeforeSoftmax: false,
        balanceProbabilities: false,
      },
      encoder: { version: 1, columns: [] },
      target: {
        version: 1,
        task: 'regression',
        name: 'Größe "m"',
        mean: 1 / 3,
        scale: 1e-300,
        min: 0,
        max: 1,
      },
      channels: {},
      members: [0, 1].map(() => ({
        order: [0],
        slots: [],
        variant: 'standard' as const,
        permuted: [],
        targetTransform: null,
      })),
      borders: [0.1, 0.2],
      warnings: [],
    },
    tensors: new Map([
      ['column_ids', { shape, data: new Float32Array(2 * rows * 16).fill(value) }],
      ['ctx.row.0.keys', { shape: [2, 1], data: Float32Array.of(value, -value) }],
    ]),
  }
}

async function codeOfLoad(): Promise<unknown> {
  return loadContext(folder).then(
    () => 'loaded',
    (error) => error.code ?? error,
  )
}

test('a context comes back exactly, and nothing but its two files is there', async () => {
  const bytes = await saveContext(folder, makeContext())
  const loaded = await loadContext(folder)
  expect(loaded.context).toEqual(makeContext())
  expect(bytes).toBeGreaterThan(2 * 3 * 16 * 4)
  expect(readdirSync(root)).toEqual(['fit'])
})

test('saving over a context replaces it whole, and leftovers of an interrupted save disappear', async () => {
  await saveContext(folder, makeContext(1))
  mkdirSync(`${folder}.99999.tmp`)
  writeFileSync(join(`${folder}.99999.tmp`, 'context.json'), '{')
  mkdirSync(join(root, 'fit.backup'))
  await saveContext(folder, makeContext(2))
  expect((await loadContext(folder)).context).toEqual(makeContext(2))
  expect(readdirSync(root).sort()).toEqual(['fit', 'fit.backup'])
  mkdirSync(`${folder}.1.old`)
  await removeLeftovers(folder)
  expect(existsSync(`${folder}.1.old`)).toBe(false)
})

test('a save that stopped between its two renames is undone', async () => {
  await saveContext(folder, makeContext(1))
  renameSync(folder, `${folder}.7.old`)
  mkdirSync(`${folder}.7.tmp`)
  await removeLeftovers(folder)
  expect((await loadContext(folder)).context).toEqual(makeContext(1))
  expect(readdirSync(root)).toEqual(['fit'])
})

test('a save that fails leaves nothing behind', async () => {
  writeFileSync(folder, 'a file is in the way')
  await expect(saveContext(folder, makeContext())).rejects.toThrow()
  expect(readdirSync(root)).toEqual(['fit'])
})

test('the folder above is made when it is not there', async () => {
  const deep = join(root, 'a', 'b', 'fit')
  await saveContext(deep, makeContext())
  expect((await loadContext(deep)).context).toEqual(makeContext())
})

test('an empty folder that is already there is filled', async () => {
  mkdirSync(folder)
  await saveContext(folder, makeContext())
  expect(await codeOfLoad()).toBe('loaded')
})

test('a missing folder, or one without a context, is not found', async () => {
  expect(await codeOfLoad()).toBe('context_not_found')
  mkdirSync(folder)
  expect(await codeOfLoad()).toBe('context_not_found')
})

test('any change of either file is found', async () => {
  const state = join(folder, 'context.json')
  const tensors = join(folder, 'context.safetensors')
  const damages: (() => void)[] = [
    () =>
      writeFileSync(state, readFileSync(state, 'utf8').replace('0.3333333333333333', '0.3333333333333334')),
    () => writeFileSync(state, `${readFileSync(state, 'utf8')}\n`),
    () => writeFileSync(state, 'not json'),
    () => writeFileSync(state, ''),
    () => truncateSync(state, 100),
    () => truncateSync(tensors, 100),
    () => rmSync(tensors),
    () => {
      const bytes = readFileSync(tensors)
      bytes[bytes.length - 1]! ^= 1
      writeFileSync(tensors, bytes)
    },
  ]
  for (const damage of damages) {
    await saveContext(folder, makeContext())
    damage()
    expect(await codeOfLoad()).toBe('context_corrupt')
  }
})

test('tensors that do not fit the state are corrupt even when their checksum is right', async () => {
  const { state } = makeContext(1, 3)
  await saveContext(folder, { state, tensors: makeContext(1, 4).tensors })
  expect(await codeOfLoad()).toBe('context_corrupt')
})

test('a context of a later format is refused as such', async () => {
  await saveContext(folder, makeContext())
  const state = join(folder, 'context.json')
  writeFileSync(state, readFileSync(state, 'utf8').replace('{"format":1,', '{"format":5,'))
  expect(await codeOfLoad()).toBe('context_unsupported')
})

test('a blend comes back exactly, as a format that a program without blends refuses', async () => {
  const [first, second] = [makeContext(1), makeContext(2)]
  const report = {
    effort: 'medium' as const,
    metric: 'log_loss',
    isHigherBetter: false,
    candidates: 2,
    folds: 5,
    score: 0.5,
    baselineScore: 0.6,
    chosen: [],
    temperature: 1.1,
    seconds: 3,
  }
  const blend = { weights: [0.75, 0.25], others: [second], temperature: 1.1, point: 'mean' as const }
  const context = { ...first, blend: { ...blend, options: first.state.options, report } }
  await saveContext(folder, context)
  const text = readFileSync(join(folder, 'context.json'), 'utf8')
  expect(text.startsWith('{"format":3,')).toBe(true)
  expect((await loadContext(folder)).context).toEqual(context)
  writeFileSync(join(folder, 'context.json'), text.replace('{"format":3,', '{"format":1,'))
  expect(await codeOfLoad()).toBe('context_corrupt')
})

test('the cache gives up the least recently used beyond its bytes', async () => {
  const folders = ['a', 'b', 'c'].map((name) => join(root, name))
  const sizes: number[] = []
  for (const each of folders) sizes.push(await saveContext(each, makeContext()))
  const cache = new ContextCache(2.5 * Math.max(...sizes))
  const [a, b, c] = folders as [string, string, string]
  expect((await cache.get(a)).isHit).toBe(false)
  expect((await cache.get(b)).isHit).toBe(false)
  expect((await cache.get(a)).isHit).toBe(true)
  await cache.get(c)
  expect([...cache.folders].sort()).toEqual([a, c])
  expect(cache.bytes).toBeLessThanOrEqual(2.5 * Math.max(...sizes))
  expect((await cache.get(b)).isHit).toBe(false)
})

test('the cache notices a context that was replaced or removed', async () => {
  const cache = new ContextCache(2 ** 20)
  await saveContext(folder, makeContext(1))
  await cache.get(folder)
  await saveContext(folder, makeContext(2))
  const { context, isHit } = await cache.get(folder)
  expect(isHit).toBe(false)
  expect(context).toEqual(makeContext(2))
  rmSync(folder, { recursive: true })
  await expect(cache.get(folder)).rejects.toMatchObject({ code: 'context_not_found' })
  expect(cache.folders).toEqual([])
  expect(cache.bytes).toBe(0)
})

test('the list of folders is the same object until it changes', async () => {
  const cache = new ContextCache(2 ** 20)
  await saveContext(folder, makeContext())
  await cache.get(folder)
  const before = cache.folders
  await cache.get(folder)
  expect(cache.folders).toBe(before)
  await cache.put(folder, makeContext(), 10)
  expect(cache.folders).not.toBe(before)
})

test('a context larger than the cache is served and not kept', async () => {
  await saveContext(folder, makeContext())
  const cache = new ContextCache(10)
  expect((await cache.get(folder)).context).toEqual(makeContext())
  expect(cache.folders).toEqual([])
})
