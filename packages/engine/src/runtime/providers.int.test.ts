/** What this machine has is not known here; what is claimed of it must be so. */
import { Graph, mul, serialize } from '@posterior/graph'
import { expect, test } from 'vitest'
import { openSession } from './onnx.ts'
import { PROVIDERS, tryProviders } from './providers.ts'

function doubling(): Uint8Array {
  const graph = new Graph()
  graph.output('y', mul(graph.input('x', [2]), 2))
  return serialize(graph, { name: 'doubling' }).bytes
}

test('the CPU always works, and every other provider works or says why not', async () => {
  const trials = await tryProviders()
  expect(trials.map(({ provider }) => provider)).toEqual([...PROVIDERS])
  expect(trials[0]).toEqual({ provider: 'cpu', problem: null })
  for (const { provider, problem } of trials) {
    const opened = openSession(doubling(), { threads: 1, provider })
    if (problem !== null) {
      expect(problem).not.toBe('')
      // Nothing falls back to another provider unasked.
      await expect(opened).rejects.toThrow()
      continue
    }
    const session = await opened
    const { y } = await session.run({ x: { data: Float32Array.from([1, 3]), dims: [2] } })
    expect([...y!.data]).toEqual([2, 6])
    await session.release()
  }
}, 120_000)
