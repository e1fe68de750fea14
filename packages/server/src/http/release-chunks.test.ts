import { expect, test } from 'vitest'
import { releaseChunks } from './release-chunks.ts'

async function* of(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

test('a chunk is whole in its turn and empty after it, and the bytes come in order', async () => {
  const chunks = [Uint8Array.of(1, 2), Uint8Array.of(3), new Uint8Array(0)]
  const seen: number[][] = []
  for await (const chunk of releaseChunks(of(...chunks))) {
    seen.push([...chunk])
    // The chunks before are gone, this one and those after are not.
    expect(chunks.slice(0, seen.length - 1).every(({ length }) => length === 0)).toBe(true)
  }
  expect(seen).toEqual([[1, 2], [3], []])
  expect(chunks.map(({ buffer }) => (buffer as ArrayBuffer).detached)).toEqual([true, true, true])
})

test('a chunk that shares its memory with others is left alone', async () => {
  const shared = Uint8Array.of(1, 2, 3, 4)
  const seen: number[] = []
  for await (const chunk of releaseChunks(of(shared.subarray(0, 2), shared.subarray(2)))) seen.push(...chunk)
  expect(seen).toEqual([1, 2, 3, 4])
  expect([...shared]).toEqual([1, 2, 3, 4])
})

test('who stops early ends the source', async () => {
  let isClosed = false
  async function* source() {
    try {
      for (;;) yield Uint8Array.of(1)
    } finally {
      isClosed = true
    }
  }
  for await (const _ of releaseChunks(source())) break
  expect(isClosed).toBe(true)
})
