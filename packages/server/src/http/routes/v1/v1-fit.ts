import { ROUTES, v1FitDataSchema, v1FitResponseSchema } from '@posterior/contracts'
import { z } from 'zod'
import type { StagedFile } from '../../../domain/direct/staged-files.ts'
import { type Api, errorResponses, FIT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { countFit } from '../fits/watch-fit.ts'
import { missingFile, readV1Form } from './v1-form.ts'

const FILES = ['dataset_file', 'features_file', 'labels_file'] as const
const DEFAULT_TARGET = 'target'

const formSchema = z
  .object({
    data: v1FitDataSchema,
    dataset_file: z.file().optional().describe('Features and target in one CSV file'),
    features_file: z.file().optional().describe('Features alone, with labels_file'),
    labels_file: z.file().optional().describe('The target alone, with features_file'),
  })
  .meta({
    examples: [
      {
        data: { task: 'classification', schema: { target: 'kind' } },
        dataset_file: 'size,kind\n1,a\n2,b\n3,b\n',
      },
    ],
  })

const REQUEST_BODY: BodyByType = {
  content: {
    'multipart/form-data': { schema: formSchema, encoding: { data: { contentType: 'application/json' } } },
  },
}

/** `POST /v1/fit`: one CSV file with the target in it, or two, and a fit of them; answers when it is done. */
export function v1FitRoute(app: Api, { services, metrics }: AppDeps): void {
  const { staged, targetColumn, directUploads, fits } = services
  const schema = {
    tags: ['legacy'],
    deprecated: true,
    summary: 'Fit a CSV file',
    description:
      'One file with the target in it, or features and labels in two. Answers when the fit is done. ' +
      'Use the upload routes and `POST /tabpfn/fit` in new programs.',
    requestBody: REQUEST_BODY,
    response: {
      200: v1FitResponseSchema,
      ...errorResponses(
        'MALFORMED_MULTIPART',
        'UNAUTHORIZED',
        'NOT_FOUND',
        'PAYLOAD_TOO_LARGE',
        'REQUEST_VALIDATION_ERROR',
        ...FIT_ERRORS,
        'STORAGE_FULL',
      ),
    },
  }
  app.post(ROUTES.v1Fit.path, { schema, config: { meter: 'fit' } }, async (request) => {
    const form = await readV1Form(request, { schema: v1FitDataSchema, files: FILES }, staged)
    const { data } = form
    try {
      const account = callerOf(request).id
      const files = await trainFiles(form.files, data.schema?.target ?? DEFAULT_TARGET)
      const trainSetUploadId = await directUploads.train(account, files, data.schema?.description)
      const command = fitCommand({
        train_set_upload_id: trainSetUploadId,
        task: data.task,
        tabpfn_config: data.config,
        tabpfn_systems: data.systems,
      })
      const handle = await fits.start(account, { ...command, configField: 'config' })
      countFit(handle, data.task, metrics)
      const fit = await handle.done
      return { model_id: fit.id, task: fit.task }
    } finally {
      await form.discard()
    }
  })

  async function trainFiles(
    files: Partial<Record<(typeof FILES)[number], StagedFile>>,
    target: string,
  ): Promise<{ x: StagedFile; y: StagedFile }> {
    const { dataset_file: dataset, features_file: x, labels_file: y } = files
    if (dataset && !x && !y) {
      return targetColumn.split(dataset, target, { file: 'dataset_file', target: 'schema.target' })
    }
    if (!dataset && x && y) return { x, y }
    throw missingFile('send dataset_file, with the target in it, or features_file and labels_file')
  }
}
