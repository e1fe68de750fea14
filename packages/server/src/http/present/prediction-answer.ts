import { Readable } from 'node:stream'
import type { PredictMetadata } from '@posterior/contracts'
import type { FastifyReply } from 'fastify'
import type { ThinkingReport } from '../../domain/ports/predictor.ts'
import type { Prediction } from '../../domain/predictions/predictions.ts'
import type { ServerMetrics } from '../../metrics.ts'
import { predictionJson } from './prediction-json.ts'

/** Send a prediction with `rest` beside it, written as it is turned into text; the prediction is counted. */
export function sendPrediction(
  reply: FastifyReply,
  prediction: Prediction,
  options: { metrics: ServerMetrics; rest: Readonly<Record<string, unknown>> },
): never {
  const { metrics, rest } = options
  metrics.predictions.inc({ task: prediction.task, output: prediction.values.output })
  metrics.predictedRows.inc(prediction.rows)
  for (const [step, seconds] of Object.entries(prediction.timings))
    metrics.predictionSeconds.observe({ step }, seconds)
  reply.type('application/json; charset=utf-8')
  // What a stream holds is not known to the types of a route.
  return reply.send(Readable.from(predictionJson(prediction.values, rest))) as never
}

/** What a prediction says of itself. @param version of the program */
export function predictionMetadata(prediction: Prediction, version: string): PredictMetadata {
  return {
    task: prediction.task,
    package_version: version,
    tabpfn_config: { ...prediction.config },
    test_set_num_rows: prediction.rows,
    test_set_num_cols: prediction.columns,
    n_estimators: prediction.config.n_estimators ?? 1,
    ...(prediction.classes && { classes: prediction.classes }),
    model: prediction.model,
    warnings: [...prediction.warnings],
    ...(prediction.thinking && { thinking: thinkingMetadata(prediction.thinking) }),
  }
}

function thinkingMetadata({
  isHigherBetter,
  baselineScore,
  chosen,
  ...report
}: ThinkingReport): NonNullable<PredictMetadata['thinking']> {
  return {
    ...report,
    higher_is_better: isHigherBetter,
    baseline_score: baselineScore,
    chosen: chosen.map(({ weight, settings }) => ({ weight, settings: { ...settings } })),
  }
}

/** Aborted when the caller hangs up before the answer is complete: then nobody wants the prediction. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}
