/** The loaded graphs of one process: built from a model's weights when first needed, then kept. */
import { buildDiscoverGraph, buildEncodeGraph, buildPredictGraph, type ModelTask } from '@posterior/model'
import { loadWeights, type ModelInfo } from '../models/model-catalog.ts'
import { type OnnxSession, openSession } from './onnx.ts'

export type GraphKind = 'encode' | 'predict' | 'discover'

/**
 * What is kept: each session holds a copy of the weights. Small models may be many, for opening and releasing sessions
 * costs time and leaks a little; large ones leave after a few.
 */
const MOST_SESSIONS = 32
const MOST_BYTES = 512 * 2 ** 20
/** Encode and predict of the model in use stay, however large. */
const LEAST_SESSIONS = 2

interface Entry {
  readonly opening: Promise<OnnxSession>
  readonly bytes: number
}

export class GraphSessions {
  readonly #threads: number
  /** In order of last use. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(threads: number) {
    this.#threads = threads
  }

  /**
   * The session of a model's graph. Do not keep it across jobs: a later call may release it.
   *
   * @throws EngineError model_corrupt
   */
  async get(model: ModelInfo, task: ModelTask, kind: GraphKind): Promise<OnnxSession> {
    const key = `${model.checksum}/${task}/${kind}`
    const entry = this.#entries.get(key) ?? { opening: this.#open(model, task, kind), bytes: bytesOf(model) }
    this.#drop(key)
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
    try {
      const session = await entry.opening
      await this.#evict()
      return session
    } catch (error) {
      this.#drop(key)
      throw error
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    this.#bytes = 0
    for (const { opening } of entries) await (await opening).release()
  }

  async #open(model: ModelInfo, task: ModelTask, kind: GraphKind): Promise<OnnxSession> {
    const { manifest, weights } = await loadWeights(model)
    const { architecture } = manifest
    const graph =
      task === 'discovery'
        ? buildDiscoverGraph(architecture, weights)
        : (kind === 'encode' ? buildEncodeGraph : buildPredictGraph)(architecture, task, weights)
    return openSession(graph.bytes, { threads: this.#threads })
  }

  async #evict(): Promise<void> {
    for (const [key, { opening }] of this.#entries) {
      const { size } = this.#entries
      if (size <= LEAST_SESSIONS || (size <= MOST_SESSIONS && this.#bytes <= MOST_BYTES)) return
      this.#drop(key)
      await (await opening).release()
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}

function bytesOf({ manifest }: ModelInfo): number {
  return Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0)
}
