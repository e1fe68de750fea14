/** Events of the trainer as the studio names them (pfn-studio section 5.4). Nothing of this machine is in them. */
import type { RunEvent } from '../run/run-events.ts'
import type { TrainingPlan } from './training-plan.ts'

/** An event in words of the studio, without its time. */
export interface StudioEvent {
  event: 'start' | 'step' | 'eval' | 'log' | 'saved'
  fields: Readonly<Record<string, unknown>>
}

/** Of the steps after this one, one in ten is told. */
const ALL_STEPS = 1_000
const ONE_IN = 10

/** Undefined for what is not told. */
export function studioEvent(
  event: RunEvent,
  { config, priorId, modelId }: TrainingPlan,
): StudioEvent | undefined {
  switch (event.type) {
    case 'started':
      return {
        event: 'start',
        fields: {
          ...config.budget,
          step: event.step,
          resumed: event.resumed,
          parameters: event.parameters,
          lr: config.optimizer.muonLearningRate,
          seed: config.seed,
          prior_id: priorId,
          model_id: modelId,
        },
      }
    case 'step': {
      if (event.step > ALL_STEPS && event.step % ONE_IN !== 0) return undefined
      const { loss, gradientNorm, learningRate, datasets, progress } = event
      // The studio counts steps from 0.
      const step = event.step - 1
      const fields = { step, loss, elapsed_s: event.seconds, lr: learningRate, grad_norm: gradientNorm }
      return { event: 'step', fields: { ...fields, tasks: datasets, progress } }
    }
    case 'skipped': {
      const line = `step ${event.step}: the gradient was ${event.gradientNorm}, the weights did not change`
      return { event: 'log', fields: { line } }
    }
    case 'score': {
      const { type: _, slug, step, metrics, meta, skipped, skipReason } = event
      return { event: 'eval', fields: { slug, step, metrics, meta, skipped, skip_reason: skipReason } }
    }
    case 'evaluation': {
      // Of a run that was planned before runs had evals.
      const metrics = { loss_ratio: event.classification ?? event.regression ?? event.discovery }
      const fields = {
        slug: 'held_out',
        step: event.step,
        metrics,
        meta: {},
        skipped: false,
        skip_reason: null,
      }
      return { event: 'eval', fields }
    }
    case 'saved':
      return { event: 'saved', fields: { step: event.step } }
    case 'failed':
      return { event: 'log', fields: { line: event.message } }
    case 'finished':
      return undefined
  }
}
