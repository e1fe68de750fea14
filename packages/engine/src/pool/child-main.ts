/** Entry point of the engine's child processes. */
import type { FitJob, PredictJob } from '../job.ts'
import { Predictor, type PredictorSettings } from '../predictor/predictor.ts'
import { serveJobs } from './serve-jobs.ts'

/** What the engine sends to its children. */
export type EngineJob =
  | { readonly kind: 'fit'; readonly job: FitJob }
  | { readonly kind: 'predict'; readonly job: PredictJob }

serveJobs(async (settings) => {
  const predictor = new Predictor(settings as PredictorSettings)
  return {
    held: () => predictor.heldContexts,
    run(payload, context) {
      const { kind, job } = payload as EngineJob
      return kind === 'fit' ? predictor.fit(job, context) : predictor.predict(job, context)
    },
  }
})
