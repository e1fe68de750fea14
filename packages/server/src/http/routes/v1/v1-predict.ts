import {
  ROUTES,
  type V1PredictData,
  v1OutputType,
  v1PredictDataSchema,
  v1PredictResponseSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import { invalidField } from '../../../domain/app-error.ts'
import type { StagedFile } from '../../../domain/direct/staged-files.ts'
import { UNLIMITED_ON_WIRE } from '../../../domain/metering/standing.ts'
import type { PredictCommand } from '../../../domain/predictions/predictions.ts'
import { type Api, errorResponses, PREDICT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal, sendPrediction } from '../../present/prediction-answer.ts'
import { missingFile, readV1Form } from './v1-form.ts'

const formSchema = z.object({
  data: v1PredictDataSchema,
  file: z.file().optional().describe('The rows to predict, as CSV; left out with dataset_id'),
})

const REQUEST_BODY: BodyByType = {
  content: {
    'multipart/form-data': { schema: formSchema, encoding: { data: { contentType: 'application/json' } } },
  },
}

/** `POST /v1/predict`: answers for the rows of a CSV file, in which the target may still stand. */
export function v1PredictRoute(app: Api, { services, metrics, clock }: AppDeps): void {
  const { staged, targetColumn, directUploads, fits, metering, predictions } = services
  const schema = {
    tags: ['legacy'],
    deprecated: true,
    summary: 'Predict the rows of a CSV file',
    description:
      'The target may still stand among the columns and is dropped. ' +
      'Use the upload routes and `POST /tabpfn/predict` in new programs.',
    requestBody: REQUEST_BODY,
    response: {
      200: v1PredictResponseSchema,
      ...errorResponses(
        'MALFORMED_MULTIPART',
        'UNAUTHORIZED',
        'NOT_FOUND',
        'PAYLOAD_TOO_LARGE',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...PREDICT_ERRORS,
        'STORAGE_FULL',
      ),
    },
  }
  app.post(ROUTES.v1Predict.path, { schema, config: { meter: 'predict' } }, async (request, reply) => {
    const startedAt = clock.now()
    const form = await readV1Form(request, { schema: v1PredictDataSchema, files: ['file'] }, staged)
    const { data } = form
    try {
      const account = callerOf(request).id
      const datasetId = await testSet(account, data, form.files.file)
      const prediction = await predictions.predict(account, commandOf(data, datasetId), goneSignal(reply))
      const rest = {
        task: prediction.task,
        params: { ...prediction.config },
        duration_seconds: Math.round((clock.now() - startedAt) / 1000),
        used_credits: prediction.tokens,
        remaining_quota: (await metering.remainingTokens(account)) ?? UNLIMITED_ON_WIRE,
        model_id: data.model_id,
        dataset_id: datasetId,
      }
      return sendPrediction(reply, prediction, { metrics, rest })
    } finally {
      await form.discard()
    }
  })

  async function testSet(
    account: string,
    data: V1PredictData,
    file: StagedFile | undefined,
  ): Promise<string> {
    const fit = await fits.get(account, data.model_id)
    if (file && data.dataset_id) throw invalidField('dataset_id', 'send either this or the part "file"')
    if (data.dataset_id) return data.dataset_id
    if (!file) throw missingFile('the part "file" with the rows to predict is missing')
    return directUploads.test(account, fit.id, await targetColumn.drop(file, fit, 'file'))
  }
}

function commandOf(data: V1PredictData, testSetUploadId: string): PredictCommand {
  const { output_type, quantiles } = data.params ?? {}
  return {
    fittedTrainSetId: data.model_id,
    rows: { testSetUploadId, field: 'dataset_id' },
    task: data.task,
    config: data.config,
    output: output_type && v1OutputType(output_type),
    quantiles,
    fields: { task: 'task', config: 'config', output: 'params.output_type', quantiles: 'params.quantiles' },
  }
}
