/** Entry point of the engine's child processes. */
import { type AnswerJob, affinityOf, type ForecastJob } from '../answer/answer-job.ts'
import type { DiscoverJob } from '../answer/discover.ts'
import type { FitJob, PredictJob } from '../job.ts'
import { Predictor, type PredictorSettings } from '../predictor/predictor.ts'
import type { FinishJob } from '../thinking/finish.ts'
import type { FoldJob } from '../thinking/measure-fold.ts'
import type { ThinkingFitJob } from '../thinking/think.ts'
import { serveJobs } from './serve-jobs.ts'
import { WarmModels } from './warm-models.ts'

/** What the engine sends to its children. */
export type EngineJob =
  | { readonly kind: 'fit'; readonly job: FitJob }
  | { readonly kind: 'predict'; readonly job: PredictJob }
  | { readonly kind: 'answer'; readonly job: AnswerJob }
  | { readonly kind: 'forecast'; readonly job: ForecastJob }
  | { readonly kind: 'discover'; readonly job: DiscoverJob }
  | { readonly kind: 'think-check'; readonly job: ThinkingFitJob }
  | { readonly kind: 'think-measure'; readonly job: FoldJob }
  | { readonly kind: 'think-finish'; readonly job: FinishJob }

serveJobs(async (settings) => {
  const predictor = new Predictor(settings as PredictorSettings)
  const warm = new WarmModels()
  return {
    held: () => warm.and(predictor.heldContexts),
    run(payload, context) {
      const { kind, job } = payload as EngineJob
      switch (kind) {
        case 'fit':
          return predictor.fit(job, context)
        case 'predict':
          return predictor.predict(job, context)
        case 'answer':
          warm.note(affinityOf(job.model))
          return predictor.answer(job, context)
        case 'forecast':
          warm.note(affinityOf(job.model))
          return predictor.forecast(job, context)
        case 'discover':
          warm.note(affinityOf(job.model))
          return predictor.discover(job, context)
        case 'think-check':
          return predictor.checkThinking(job, context)
        case 'think-measure':
          return predictor.measureFold(job, context)
        case 'think-finish':
          return predictor.finishThinking(job, context)
      }
    },
  }
})
