/** What this machine gives at best: one large matrix product through the same runtime and the same threads. */
import { openSession } from '@posterior/engine/runtime'
import { Graph, matmul, serialize } from '@posterior/graph'
import { Random } from '@posterior/tabular'
import { median } from './median.ts'

const SIZE = 1024
const REPEATS = 15

/** Billions of float32 operations a second in a 1024 x 1024 x 1024 product (median of 15, after one warm-up). */
export async function matrixRate(threads: number): Promise<number> {
  const graph = new Graph({ lowering: 'onnxruntime' })
  graph.output('product', matmul(graph.input('a', [SIZE, SIZE]), graph.input('b', [SIZE, SIZE])))
  const session = await openSession(serialize(graph, { name: 'product' }).bytes, { threads })
  const random = Random.fromSeed('bench', 'matrix')
  const matrix = () => ({
    data: Float32Array.from({ length: SIZE * SIZE }, () => random.normal()),
    dims: [SIZE, SIZE],
  })
  const feeds = { a: matrix(), b: matrix() }
  try {
    await session.run(feeds)
    const seconds: number[] = []
    for (let i = 0; i < REPEATS; i++) {
      const start = performance.now()
      await session.run(feeds)
      seconds.push((performance.now() - start) / 1000)
    }
    return (2 * SIZE ** 3) / median(seconds) / 1e9
  } finally {
    await session.release()
  }
}
