/** The loaded graphs of one process: built from a model's weights when first needed, then kept. */
import { buildEncodeGraph, buildPredictGraph } from '@posterior/model'
import type { Task } from '../job.ts'
import { loadWeights, type ModelInfo } from '../models/model-catalog.ts'
import { type OnnxSession, openSession } from './onnx.ts'

export type GraphKind = 'encode' | 'predict'

/** Sessions kept; each holds a copy of the weights. */
const CAPACITY = 8

export class GraphSessions {
  readonly #threads: number
  /** In order of last use. */
  readonly #sessions = new Map<string, Promise<OnnxSession>>()

  constructor(threads: number) {
    this.#threads = threads
  }

  /**
   * The session of a model's graph. Do not keep it across jobs: a later call may release it.
   *
   * @throws EngineError model_corrupt
   */
  async get(model: ModelInfo, task: Task, kind: GraphKind): Promise<OnnxSession> {
    const key = `${model.checksum}/${task}/${kind}`
    const opening = this.#sessions.get(key) ?? this.#open(model, task, kind)
    this.#sessions.delete(key)
    this.#sessions.set(key, opening)
    try {
      const session = await opening
      await this.#evict()
      return session
    } catch (error) {
      this.#sessions.delete(key)
      throw error
    }
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions) await (await session).release()
  }

  async #open(model: ModelInfo, task: Task, kind: GraphKind): Promise<OnnxSession> {
    const { manifest, weights } = await loadWeights(model)
    const build = kind === 'encode' ? buildEncodeGraph : buildPredictGraph
    const graph = build(manifest.architecture, task, weights)
    return openSession(graph.bytes, { threads: this.#threads })
  }

  async #evict(): Promise<void> {
    while (this.#sessions.size > CAPACITY) {
      const [key, oldest] = this.#sessions.entries().next().value!
      this.#sessions.delete(key)
      await (await oldest).release()
    }
  }
}
