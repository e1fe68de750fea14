/** All evals of a run, measured on one state of its weights. A measurement that fails never fails the run. */
import { EngineError } from '@posterior/engine'
import { PriorError } from '@posterior/prior'
import { TableError } from '@posterior/tabular'
import { chooseScorer, type EvalPlan } from './choose-scorer.ts'
import { EvalSkipped, type Score, type ScoringContext } from './score.ts'

/** @throws what `context.pause` throws */
export async function scoreEvals(
  plans: readonly EvalPlan[],
  context: ScoringContext,
): Promise<{ slug: string; score: Score }[]> {
  const scores: { slug: string; score: Score }[] = []
  for (const plan of plans) {
    await context.pause()
    scores.push({ slug: plan.slug, score: await scoreOne(plan, context) })
  }
  return scores
}

async function scoreOne(plan: EvalPlan, context: ScoringContext): Promise<Score> {
  const choice = chooseScorer(plan)
  if ('skipReason' in choice) return skipped(choice.skipReason)
  try {
    const { metrics, meta } = await choice.scorer(context)
    const infinite = Object.keys(metrics).filter((name) => !Number.isFinite(metrics[name]))
    const finite = Object.entries(metrics).filter(([name]) => !infinite.includes(name))
    const missing = plan.metrics.filter((name) => !finite.some(([measured]) => measured === name))
    return {
      metrics: Object.fromEntries(finite),
      meta: {
        scorer: choice.name,
        ...meta,
        ...(infinite.length > 0 && { undefined_metrics: infinite }),
        ...(missing.length > 0 && { not_measured: missing }),
        ...(plan.baselines.length > 0 && { baselines: plan.baselines }),
      },
      skipped: false,
      skipReason: null,
    }
  } catch (error) {
    if (error instanceof EvalSkipped) return skipped(error.message, { scorer: choice.name })
    if (error instanceof EngineError || error instanceof TableError || error instanceof PriorError) {
      return skipped(`The scorer failed: ${error.message}`, { scorer: choice.name })
    }
    throw error
  }
}

function skipped(skipReason: string, meta: Score['meta'] = {}): Score {
  return { metrics: {}, meta, skipped: true, skipReason }
}
