import { expect, test, vi } from 'vitest'
import { ChunkMemory } from './chunk-memory.ts'

const MIB = 1024 ** 2

test('memory that nobody refers to is given back once enough has been done with', async () => {
  const memory = new ChunkMemory()
  const taken = () => process.memoryUsage().arrayBuffers
  const before = taken()
  for (let i = 0; i < 128; i++) new ArrayBuffer(MIB / 16)
  expect(taken()).toBeGreaterThan(before + 7 * MIB)
  memory.done(3 * MIB)
  expect(taken()).toBeGreaterThan(before + 7 * MIB)
  memory.done(3 * MIB)
  // Memory is freed in the background.
  await vi.waitFor(() => expect(taken()).toBeLessThan(before + 2 * MIB), { timeout: 10_000 })
})

test('no collector is left for other code to find', () => {
  new ChunkMemory().done(64 * MIB)
  expect(globalThis.gc).toBeUndefined()
})
