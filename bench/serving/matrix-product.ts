/**
 * What this machine gives at best: one large matrix product through the same runtime and the same threads. It is timed in
 * turns with what it is compared to, so that other load on the machine meets both alike.
 */
import { type OnnxSession, openSession, type TensorValue } from '@posterior/engine/runtime'
import { Graph, matmul, serialize } from '@posterior/graph'
import { Random } from '@posterior/tabular'

const SIZE = 1024

/** A 1024 x 1024 x 1024 product, ready to run. */
export class MatrixProduct {
  /** Billions of operations of one run. */
  static readonly gigaOperations = (2 * SIZE ** 3) / 1e9
  readonly #session: OnnxSession
  readonly #feeds: Record<string, TensorValue>

  private constructor(session: OnnxSession, feeds: Record<string, TensorValue>) {
    this.#session = session
    this.#feeds = feeds
  }

  static async open(threads: number): Promise<MatrixProduct> {
    const graph = new Graph({ lowering: 'onnxruntime' })
    graph.output('product', matmul(graph.input('a', [SIZE, SIZE]), graph.input('b', [SIZE, SIZE])))
    const session = await openSession(serialize(graph, { name: 'product' }).bytes, { threads })
    const random = Random.fromSeed('bench', 'matrix')
    const matrix = () => ({
      data: Float32Array.from({ length: SIZE * SIZE }, () => random.normal()),
      dims: [SIZE, SIZE],
    })
    return new MatrixProduct(session, { a: matrix(), b: matrix() })
  }

  async run(): Promise<void> {
    await this.#session.run(this.#feeds)
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}
