import {
  type ContainerRequest,
  containerBodySchema,
  containerRequestSchema,
  containerResponseSchema,
  ROUTES,
  type TabpfnConfig,
} from '@posterior/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { invalidField } from '../../../domain/app-error.ts'
import { type Api, errorResponses, PREDICT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { type ContainerCall, readContainerCall } from '../../dialects/container-request.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal, predictionMetadata, sendPrediction } from '../../present/prediction-answer.ts'
import { countFit } from '../fits/watch-fit.ts'

const formSchema = z.object({
  request: containerRequestSchema,
  x_train: z.file().optional().describe('Features of the training rows, as Parquet or CSV'),
  y_train: z.file().optional().describe('The target: one column'),
  x_test: z.file().describe('Rows to predict'),
})

const REQUEST_BODY: BodyByType = {
  content: {
    'application/json': { schema: containerBodySchema },
    'multipart/form-data': {
      schema: formSchema,
      encoding: { request: { contentType: 'application/json' } },
    },
  },
}

/**
 * `POST /predict` and `POST /invocations`: training rows and rows to predict in one call, as an inference container takes
 * them. Training rows are kept as an upload and the model under its id, so that a call with the same training rows, or
 * with the id that the answer carries, does not fit again. So are files and large tables to predict; a few rows are not.
 */
export function containerPredictRoutes(app: Api, deps: AppDeps): void {
  const schema = {
    tags: ['containers'],
    summary: 'Fit and predict in one call',
    description:
      'Training rows and rows to predict together, or `context.model_id` of an earlier answer in place of the training ' +
      'rows. `POST /predict` and `POST /invocations` are the same.',
    requestBody: REQUEST_BODY,
    response: {
      200: containerResponseSchema,
      ...errorResponses(
        'MALFORMED_JSON',
        'MALFORMED_MULTIPART',
        'UNAUTHORIZED',
        'NOT_FOUND',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...PREDICT_ERRORS,
        'STORAGE_FULL',
      ),
    },
  }
  const config = { meter: 'predict' } as const
  const handler = (request: FastifyRequest, reply: FastifyReply) => answer(request, reply, deps)
  app.post(ROUTES.containerPredict.path, { schema, config }, handler)
  app.post(ROUTES.containerInvocations.path, { schema, config }, handler)
}

async function answer(request: FastifyRequest, reply: FastifyReply, deps: AppDeps): Promise<never> {
  const { services, metrics, version, inline } = deps
  const { staged, tables, directUploads, predictions } = services
  const account = callerOf(request).id
  const call = await readContainerCall(request, { staged, tables, inline })
  try {
    const { task, tabpfn_config, predict_params } = call.request.task_config
    const { queryRows } = call
    const file = call.tables.x_test
    if (!queryRows && !file) throw invalidField('X_test', 'is missing: the rows to predict')
    const fitId = await modelOf(account, call, deps)
    const rows = queryRows
      ? { table: { rows: queryRows }, field: 'x_test' }
      : { testSetUploadId: await directUploads.test(account, fitId, file!), field: 'x_test' }
    const command = {
      fittedTrainSetId: fitId,
      rows,
      task,
      config: withVersion(tabpfn_config, call.request),
      output: predict_params?.output_type,
      quantiles: predict_params?.quantiles,
      fields: {
        task: 'task_config.task',
        config: 'task_config.tabpfn_config',
        output: 'task_config.predict_params.output_type',
        quantiles: 'task_config.predict_params.quantiles',
      },
    }
    const prediction = await predictions.predict(account, command, goneSignal(reply))
    const rest = { model_id: fitId, metadata: predictionMetadata(prediction, version) }
    return sendPrediction(reply, prediction, { metrics, rest })
  } finally {
    await staged.discard(Object.values(call.tables))
  }
}

/** The id of the model to predict with: the one that is named, or the one of the training rows. */
async function modelOf(account: string, call: ContainerCall, deps: AppDeps): Promise<string> {
  const { fits, directUploads } = deps.services
  const { x_train: x, y_train: y } = call.tables
  const modelId = call.request.context?.model_id
  if (modelId !== undefined) {
    if (x || y) throw invalidField('context.model_id', 'send either this or X_train and y_train')
    return (await fits.get(account, modelId.toLowerCase())).id
  }
  if (!x) throw invalidField('X_train', 'is missing: send X_train and y_train, or context.model_id')
  if (!y) throw invalidField('y_train', 'is missing: send it beside X_train')
  const { task_config, context: _, model_version: __, ...thinking } = call.request
  const { task, tabpfn_config } = task_config
  const handle = await fits.start(
    account,
    fitCommand({
      ...thinking,
      train_set_upload_id: await directUploads.train(account, { x, y }),
      task_config: { task, tabpfn_config: withVersion(tabpfn_config, call.request) },
    }),
  )
  countFit(handle, task, deps.metrics)
  return (await handle.done).id
}

/** `model_version` names a model as `model_path` does, which wins. */
function withVersion(
  config: TabpfnConfig | null | undefined,
  { model_version: version }: ContainerRequest,
): TabpfnConfig | null | undefined {
  if (!version || config?.model_path != null) return config
  return { ...config, model_path: `${version}_default` }
}
