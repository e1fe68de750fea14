/**
 * Muon: momentum whose matrices are orthogonalised by Newton-Schulz iterations before the step (Jordan et al. 2024;
 * scaled to the size of AdamW's updates as in arXiv 2502.16982). The iterations run as one ONNX graph over all
 * matrices.
 */
import { type OnnxSession, openSession } from '@posterior/engine/runtime'
import {
  add,
  div,
  Graph,
  matmul,
  mul,
  serialize,
  sqrt,
  square,
  sumAll,
  swapLast,
  type Tensor,
} from '@posterior/graph'
import type { ParameterSlot } from './flat-parameters.ts'

export interface MuonOptions {
  readonly momentum: number
  readonly weightDecay: number
}

/** Coefficients of the quintic iteration, and how often it is applied. */
const [A, B, C] = [3.4445, -4.775, 2.0315]
const ITERATIONS = 5

/** Update size relative to AdamW's: 0.2 sqrt(max(rows, columns)). */
const UPDATE_SCALE = 0.2

export class Muon {
  readonly #slots: readonly ParameterSlot[]
  readonly #session: OnnxSession
  readonly #options: MuonOptions
  readonly #nesterov: Float32Array

  private constructor(
    slots: readonly ParameterSlot[],
    session: OnnxSession,
    options: MuonOptions,
    length: number,
  ) {
    this.#slots = slots
    this.#session = session
    this.#options = options
    this.#nesterov = new Float32Array(length)
  }

  /** @param slots  the matrices to step; @param length  length of the flat vectors */
  static async create(
    slots: readonly ParameterSlot[],
    length: number,
    options: MuonOptions,
    threads: number,
  ): Promise<Muon> {
    const session = await openSession(newtonSchulzGraph(slots), { threads })
    return new Muon(slots, session, options, length)
  }

  /** One step, in place on `weights` and `momentum`. */
  async step(
    state: { weights: Float32Array; gradient: Float32Array; momentum: Float32Array },
    learningRate: number,
  ): Promise<void> {
    const { weights, gradient, momentum } = state
    const { momentum: beta, weightDecay } = this.#options
    const feeds: Record<string, { data: Float32Array; dims: readonly number[] }> = {}
    for (const { spec, offset, length } of this.#slots) {
      for (let i = offset; i < offset + length; i++) {
        momentum[i] = beta * momentum[i]! + (1 - beta) * gradient[i]!
        this.#nesterov[i] = beta * momentum[i]! + (1 - beta) * gradient[i]!
      }
      feeds[spec.name] = { data: this.#nesterov.subarray(offset, offset + length), dims: spec.shape }
    }
    const results = await this.#session.run(feeds)
    for (const { spec, offset, length } of this.#slots) {
      const update = results[outputName(spec.name)]!.data as Float32Array
      const size = learningRate * UPDATE_SCALE * Math.sqrt(Math.max(...spec.shape))
      const shrink = 1 - learningRate * weightDecay
      for (let i = 0; i < length; i++) weights[offset + i] = shrink * weights[offset + i]! - size * update[i]!
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

function outputName(name: string): string {
  return `orthogonal.${name}`
}

/** Takes each matrix under its name and gives a nearly orthogonal one with the same singular vectors. */
export function newtonSchulzGraph(slots: readonly Pick<ParameterSlot, 'spec'>[]): Uint8Array {
  const graph = new Graph()
  for (const { spec } of slots) {
    const [rows, columns] = spec.shape as [number, number]
    const input = graph.input(spec.name, spec.shape)
    const wide = rows > columns ? swapLast(input) : input
    const orthogonal = newtonSchulz(wide)
    graph.output(outputName(spec.name), rows > columns ? swapLast(orthogonal) : orthogonal)
  }
  return serialize(graph, { name: 'Newton-Schulz' }).bytes
}

function newtonSchulz(matrix: Tensor): Tensor {
  const norm = sqrt(add(sumAll(square(matrix)), 1e-30))
  let x = div(matrix, norm)
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = matmul(x, swapLast(x))
    x = add(mul(x, A), matmul(add(mul(gram, B), mul(matmul(gram, gram), C)), x))
  }
  return x
}
