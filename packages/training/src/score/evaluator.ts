/**
 * Measures a run's weights as it goes. The weights are written as a checkpoint and asked through the predictor, so that
 * what is measured is what callers will get. Nothing here is part of the run's state: a run with evals and one without
 * come to the same weights, and one that goes on after a kill measures the same again.
 */
import { rm } from 'node:fs/promises'
import { type ModelChoice, Predictor } from '@posterior/engine'
import { loadCheckpoint } from '@posterior/model'
import type { PriorChoice } from '../run/training-config.ts'
import type { GradientPool } from '../workers/gradient-pool.ts'
import type { EvalPlan } from './choose-scorer.ts'
import type { Score } from './score.ts'
import { scoreEvals } from './score-evals.ts'

/** One measurement may hold this much at a time; tasks are small. */
const MAX_BYTES = 2 ** 30

export interface EvaluatorOptions {
  readonly plans: readonly EvalPlan[]
  readonly prior: PriorChoice
  /** Folder for the weights that are measured; it is removed afterwards. */
  readonly folder: string
  /** Folder of the tables of datasets, each under its hash. */
  readonly tables?: string | undefined
  readonly threads: number
  readonly pool: Pick<GradientPool, 'evaluate' | 'setWeights'>
  readonly signal?: AbortSignal | undefined
}

export class Evaluator {
  readonly #options: EvaluatorOptions
  /** What does not depend on the weights. */
  readonly #ofRun = new Map<string, unknown>()

  constructor(options: EvaluatorOptions) {
    this.#options = options
  }

  /**
   * Measure weights.
   *
   * @param save  writes them as a checkpoint into the folder it is given
   * @returns null when the signal broke it off
   */
  async measure(
    weights: Float32Array,
    save: (folder: string) => Promise<unknown>,
  ): Promise<{ slug: string; score: Score }[] | null> {
    const { plans, prior, folder, tables, threads, pool, signal } = this.#options
    pool.setWeights(weights)
    const predictor = new Predictor({
      ...{ modelDirs: [], threads, contextCacheBytes: 0 },
      ...{ maxFitBytes: MAX_BYTES, maxFullRows: 0 },
    })
    try {
      await save(folder)
      const { manifest } = await loadCheckpoint(folder)
      const model: ModelChoice = { folder }
      return await scoreEvals(plans, {
        prior,
        tables,
        brain: {
          manifest,
          answer: (job) => predictor.answer({ ...job, model }),
          forecast: (job) => predictor.forecast({ ...job, model }),
          discover: (job) => predictor.discover({ ...job, model }),
          losses: (batches) => pool.evaluate(batches),
        },
        cache: { run: this.#ofRun, weights: new Map() },
        pause: () => this.#pause(),
      })
    } catch (error) {
      if (signal?.aborted) return null
      throw error
    } finally {
      await predictor.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Messages come in between tasks, the one to stop among them. */
  async #pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#options.signal?.throwIfAborted()
  }
}
