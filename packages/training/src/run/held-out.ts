/** How a trained brain does on held-out tasks of its prior. */
import { loadCheckpoint } from '@posterior/model'
import { ParameterLayout } from '../optimizer/flat-parameters.ts'
import { GradientPool, type MicroBatch } from '../workers/gradient-pool.ts'
import { heldOutBatches } from './prior-plan.ts'
import { moduleOf, type SinglePrior } from './single-prior.ts'

/** One held-out batch: the datasets that its spec and seed draw, and how they were answered. */
export interface HeldOut extends MicroBatch {
  /** Loss of each dataset: cross-entropy in nats, or CRPS in standard deviations of the labelled rows. */
  readonly losses: readonly number[]
  /** The same for class frequencies, or the labelled rows' distribution, as the answer to every row. */
  readonly baselines: readonly number[]
}

/**
 * Measure the checkpoint in `folder`.
 *
 * @param options.batches  shapes of task to draw; `datasets` of each
 */
export async function measureHeldOut(
  folder: string,
  prior: SinglePrior,
  options: { batches: number; datasets: number; workers?: number },
): Promise<HeldOut[]> {
  const { manifest, weights } = await loadCheckpoint(folder)
  const layout = new ParameterLayout(manifest.architecture)
  const workers = options.workers ?? 1
  const pool = new GradientPool(manifest.architecture, layout.length, {
    ...{ workers, threads: 1, slots: 1 },
    module: moduleOf(prior),
  })
  try {
    pool.setWeights(layout.fromWeights(weights))
    const batches = heldOutBatches(prior, options)
    const results = await pool.evaluate(batches)
    return batches.map((batch, i) => ({ ...batch, ...results[i]! }))
  } finally {
    await pool.close()
  }
}
