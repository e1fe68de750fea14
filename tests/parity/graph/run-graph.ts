/** Runs graphs of `@posterior/graph` through ONNX Runtime, for the numeric tests of this folder. */
import { openSession, type TensorValue } from '@posterior/engine/runtime'
import { type Graph, serialize } from '@posterior/graph'
import { Random } from '@posterior/tabular'

export type Values = Record<string, { data: Float32Array; dims: number[] }>

export interface OpenGraph {
  run(feeds: Values): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

export async function openGraph(graph: Graph): Promise<OpenGraph> {
  const { bytes, inputs } = serialize(graph)
  const session = await openSession(bytes, { threads: 1 })
  return {
    async run(feeds) {
      const used: Record<string, TensorValue> = {}
      for (const { name } of inputs) used[name] = feeds[name]!
      const outputs = await session.run(used)
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, value.data as Float32Array]),
      )
    },
    close: () => session.release(),
  }
}

/** Standard normal values. */
export function normals(seed: string, ...dims: number[]): { data: Float32Array; dims: number[] } {
  const random = Random.fromSeed('graph test', seed)
  const size = dims.reduce((a, b) => a * b, 1)
  return { data: Float32Array.from({ length: size }, () => random.normal()), dims }
}

/** ||a - b|| / ||b||, in float64. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0
  let size = 0
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2
    size += b[i]! ** 2
  }
  return Math.sqrt(difference / size)
}
