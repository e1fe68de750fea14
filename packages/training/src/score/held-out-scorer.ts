/**
 * How much of what can be learned was learned: loss on held-out tasks beside the loss of an answer that looks at no
 * feature and, where the prior has an oracle, beside the oracle's loss on the same tasks.
 */
import { drawTasks, findOracle, oracleLoss } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { heldOutBatches } from '../run/prior-plan.ts'
import { declarationOf, type SinglePrior } from '../run/single-prior.ts'
import { describeHeldOut, requireSingle, SHAPES } from './held-out-tasks.ts'
import { type Metrics, remembered, type Scorer, type ScoringContext } from './score.ts'

const TASKS_PER_SHAPE = 8
/** Of each shape. Some oracles take most of a second for a task. */
const ORACLE_TASKS_PER_SHAPE = 3

/** What looks at no feature. */
const BASELINES = {
  classification: 'the class frequencies of the labelled rows as the answer to every row',
  regression: 'the distribution of the labelled targets as the answer to every row',
  discovery: 'the share of edges of each table as the answer to every pair of its columns, in tables',
} as const

export const heldOutScorer: Scorer = async (context) => {
  const prior = requireSingle(context.prior)
  const batches = heldOutBatches(prior, { batches: SHAPES, datasets: TASKS_PER_SHAPE })
  const results = await context.brain.losses(batches)
  const loss = mean(results.flatMap(({ losses }) => losses))
  const baseline = mean(results.flatMap(({ baselines }) => baselines))
  const own = results.map(({ losses }) => losses.slice(0, ORACLE_TASKS_PER_SHAPE))
  const best = await oracleOf(context, prior)
  const { task } = batches[0]!.spec
  const unit = task === 'regression' ? 'CRPS in standard deviations of the labelled rows' : 'nats'
  const metrics: Metrics = {
    loss,
    baseline_loss: baseline,
    loss_ratio: loss / Math.max(baseline, 1e-6),
    ...(best && { oracle_loss: best.loss, oracle_ratio: mean(own.flat()) / best.loss }),
  }
  const sources = {
    loss: `mean over the tasks, ${unit}`,
    baseline_loss: `${BASELINES[task]} of the same tasks`,
    ...(best && {
      oracle_loss: best.source,
      oracle_ratio: `loss over oracle_loss on those ${best.tasks} tasks`,
    }),
  }
  return { metrics, meta: { ...describeHeldOut(prior, batches.length * TASKS_PER_SHAPE), sources } }
}

interface OracleMean {
  readonly loss: number
  readonly tasks: number
  readonly source: string
}

/** Null for a prior without oracle. */
function oracleOf({ cache, pause }: ScoringContext, prior: SinglePrior): Promise<OracleMean | null> {
  return remembered(cache.run, 'oracle', async () => {
    const oracle = prior.kind === 'catalogue' ? findOracle(declarationOf(prior).id) : undefined
    if (!oracle) return null
    const losses: number[] = []
    const batches = heldOutBatches(prior, { batches: SHAPES, datasets: ORACLE_TASKS_PER_SHAPE })
    for (const { spec, seed } of batches) {
      for (const task of drawTasks(spec, Random.fromSeed(...seed))) {
        await pause()
        losses.push(oracleLoss(oracle, task, prior.overrides))
      }
    }
    const source = `${oracle.strength} oracle on ${losses.length} of the tasks: ${oracle.method}`
    return { loss: mean(losses), tasks: losses.length, source }
  })
}
