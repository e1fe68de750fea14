/**
 * The only file that imports ONNX Runtime.
 *
 * `run()` and `create()` of onnxruntime-node block the calling thread although they return promises, and a worker
 * thread that is ended in mid-run aborts the process: call this from a child process or from a thread that is
 * left to finish. Spinning is off, because spinning threads waste half of the CPU as soon as anything else runs.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Provider } from './providers.ts'

export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint8Array

/** A dense row-major tensor; `data.length` equals the product of `dims`. */
export interface TensorValue {
  readonly data: TensorData
  readonly dims: readonly number[]
}

export interface SessionOptions {
  /** Threads inside one operator; at least 1. */
  readonly threads: number
  /** What computes; default the CPU. A provider that does not work here is an error: nothing else takes its place. */
  readonly provider?: Provider
  /**
   * 'basic' (default) folds constants and fuses little; 'all' adds the layout and transformer fusions;
   * 'disabled' runs the graph as written.
   */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all'
  /** Write ONNX Runtime's per-operator trace (Chrome trace JSON) to a file with this prefix. */
  readonly profilePrefix?: string
}

/** One loaded graph. Not safe to use from two callers at once: `run` is synchronous underneath. */
export class OnnxSession {
  readonly #session: InferenceSession

  constructor(session: InferenceSession) {
    this.#session = session
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames
  }

  /**
   * Run the graph.
   *
   * @param feeds    one value for each graph input; the memory is read in place, not copied
   * @param fetches  which outputs to compute: names, or a map from name to a preallocated value (written in place)
   *                 or null (allocated); all outputs when absent
   * @throws Error with ONNX Runtime's message when a name, type or shape does not fit
   */
  async run(
    feeds: Readonly<Record<string, TensorValue>>,
    fetches?: readonly string[] | Readonly<Record<string, TensorValue | null>>,
  ): Promise<Record<string, TensorValue>> {
    const inputs: Record<string, Tensor> = {}
    for (const [name, value] of Object.entries(feeds)) inputs[name] = toTensor(value)
    const results = fetches
      ? await this.#session.run(inputs, toFetches(fetches))
      : await this.#session.run(inputs)
    const outputs: Record<string, TensorValue> = {}
    for (const [name, tensor] of Object.entries(results)) {
      outputs[name] = { data: tensor.data as TensorData, dims: tensor.dims }
    }
    return outputs
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  /** Finish the profile that `profilePrefix` asked for. */
  endProfiling(): void {
    this.#session.endProfiling()
  }
}

/** Load a serialised ONNX model. The bytes may be dropped afterwards. */
export async function openSession(bytes: Uint8Array, options: SessionOptions): Promise<OnnxSession> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: [options.provider ?? 'cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimization ?? 'basic',
    logSeverityLevel: 3,
    ...(options.profilePrefix ? { enableProfiling: true, profileFilePrefix: options.profilePrefix } : {}),
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  return new OnnxSession(session)
}

function toTensor(value: TensorValue): Tensor {
  const { data } = value
  const dims = value.dims as number[]
  if (data instanceof Float32Array) return new Tensor('float32', data, dims)
  if (data instanceof BigInt64Array) return new Tensor('int64', data, dims)
  if (data instanceof Int32Array) return new Tensor('int32', data, dims)
  return new Tensor('uint8', data, dims)
}

function toFetches(
  fetches: readonly string[] | Readonly<Record<string, TensorValue | null>>,
): Record<string, Tensor | null> | string[] {
  if (Array.isArray(fetches)) return [...fetches]
  const out: Record<string, Tensor | null> = {}
  for (const [name, value] of Object.entries(fetches as Record<string, TensorValue | null>)) {
    out[name] = value ? toTensor(value) : null
  }
  return out
}
