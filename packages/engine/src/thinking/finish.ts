/** The last step of a thinking fit: choose by what the slices measured, fit the choice on all rows, save it. */
import { CLASS_SLOTS } from '@posterior/model'
import { type Column, fitTarget, type Table } from '@posterior/tabular'
import type { Blend } from '../context/blend.ts'
import type { Context } from '../context/context-state.ts'
import type { FitJob, ResolvedOptions } from '../job.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { resolveOptions } from '../options.ts'
import { learnContext } from '../predictor/learn-context.ts'
import type { ModelRunner, RunOptions } from '../predictor/model-runner.ts'
import { type ChosenBlend, chooseBlend, type MeasuredCandidate, pointFor } from './choose-blend.ts'
import { heldOutTruth } from './held-out.ts'
import { REFIT_FACTOR, selectionSeconds } from './think.ts'
import type { ThinkingOptions, ThinkingReport } from './thinking-job.ts'
import { thinkingMetric } from './thinking-metric.ts'

export interface FinishJob {
  readonly fit: FitJob
  readonly thinking: ThinkingOptions
  readonly seed: number
  /** The default first; empty when nothing was measured. */
  readonly measured: readonly MeasuredCandidate[]
  /** Candidates that failed. */
  readonly failed: number
  readonly folds: number
  /** Seconds of the budget that are gone. */
  readonly spentSeconds: number
}

export interface FinishInput {
  readonly job: FinishJob
  readonly data: { readonly x: Table; readonly y: Column }
  readonly model: ModelInfo
  readonly maxClasses: number
  readonly maxFitBytes: number
}

/** A context grows with the rows, and is held twice while it is written. */
const CONTEXT_GROWTH = 2 * REFIT_FACTOR

/** @throws EngineError | TableError as those of a fit; then there is no context */
export async function finishThinking(
  runner: ModelRunner,
  input: FinishInput,
  run: RunOptions,
): Promise<Context> {
  const start = performance.now()
  const spent = () => input.job.spentSeconds + (performance.now() - start) / 1000
  const { job, data, model } = input
  const { task } = job.fit
  const target = fitTarget(data.y, task, { maxClasses: Math.min(input.maxClasses, CLASS_SLOTS) })
  const metric = thinkingMetric(job.thinking.metric, target)
  const asked = resolveOptions(task, job.fit.options, data.x.rowCount)
  const chosen = await choose(input, { target, metric, asked, spent })
  const contexts: Context[] = []
  for (const { settings } of chosen.parts) {
    const options = resolveOptions(task, settings)
    const learn = { ...input, task, model, data, options }
    contexts.push(await learnContext(runner, learn, run))
  }
  const report: ThinkingReport = {
    effort: job.thinking.effort,
    metric: metric.name,
    isHigherBetter: metric.isHigherBetter,
    candidates: job.measured.length,
    folds: job.folds,
    score: numberOrNull(chosen.score),
    baselineScore: numberOrNull(chosen.baselineScore),
    chosen: chosen.parts,
    temperature: chosen.temperature,
    seconds: Math.round(spent() * 1000) / 1000,
  }
  const [first, ...others] = contexts
  const blend: Blend = {
    weights: chosen.parts.map(({ weight }) => weight),
    others,
    temperature: chosen.temperature,
    point: pointFor(metric),
    options: { ...asked, estimators: contexts.reduce((sum, { state }) => sum + state.options.estimators, 0) },
    report,
  }
  const warnings = [...new Set(contexts.flatMap(({ state }) => state.warnings)), ...failures(job)]
  return { state: { ...first!.state, warnings }, tensors: first!.tensors, blend }
}

function choose(
  { job, data, maxFitBytes }: FinishInput,
  known: {
    target: ReturnType<typeof fitTarget>
    metric: ReturnType<typeof thinkingMetric>
    asked: ResolvedOptions
    spent: () => number
  },
): Promise<ChosenBlend> | ChosenBlend {
  const { target, metric, asked, spent } = known
  const { measured, folds, seed, thinking } = job
  if (measured.length === 0) {
    const settings = { ...job.fit.options, estimators: asked.estimators }
    return { parts: [{ settings, weight: 1 }], temperature: 1, score: Number.NaN, baselineScore: Number.NaN }
  }
  const selectUntil = spent() + selectionSeconds(thinking)
  return chooseBlend({
    metric,
    target,
    truth: heldOutTruth(target, data.y, { seed, folds }),
    measured,
    isBalanced: asked.balanceProbabilities,
    calibrates: job.fit.options?.softmaxTemperature === undefined,
    isTimeUp: () => spent() > selectUntil,
    isAffordable: (candidates) => {
      const seconds = candidates.reduce((sum, { fitSeconds }) => sum + REFIT_FACTOR * fitSeconds, 0)
      const bytes = candidates.reduce((sum, { contextBytes }) => sum + CONTEXT_GROWTH * contextBytes, 0)
      return spent() + seconds <= thinking.seconds && bytes <= maxFitBytes
    },
  })
}

function failures({ failed }: FinishJob): string[] {
  return failed === 0 ? [] : [`Thinking left out ${failed} settings that could not be fitted to this table.`]
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
