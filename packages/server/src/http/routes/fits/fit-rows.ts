import {
  fitResponseSchema,
  fitRowsBodySchema,
  fitRowsRequestSchema,
  ROUTES,
  streamedErrorSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses, FIT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import { trainingTables } from '../../dialects/json-table.ts'
import { withJsonBody } from '../../json/with-json-body.ts'
import type { BodyByType } from '../../openapi/describe-routes.ts'
import { callerOf } from '../../plugins/auth.ts'
import { validated } from '../../validate.ts'
import { answerFit } from './answer-fit.ts'

const MAX_DEPTH = 32
const REQUEST_BODY: BodyByType = { content: { 'application/json': { schema: fitRowsBodySchema } } }

/**
 * `POST /tabpfn/fit_rows`: a fit whose table stands in the request. It is kept as an upload like any other, so that the
 * same rows are fitted once and may be deleted.
 */
export function fitRowsRoute(app: Api, deps: AppDeps): void {
  const { services, inline } = deps
  const schema = {
    tags: ['fits'],
    summary: 'Fit rows without an upload',
    description:
      'One call: training rows as lists of cells with `y` beside them, or as objects with `target` naming one of their keys. ' +
      'Text, numbers and booleans keep their types, and so do labels in answers. The rows are kept as a training set. ' +
      'The answer is that of `POST /tabpfn/fit`.',
    requestBody: REQUEST_BODY,
    response: {
      200: z.union([fitResponseSchema, streamedErrorSchema]),
      ...errorResponses(
        'MALFORMED_JSON',
        'UNAUTHORIZED',
        'PAYLOAD_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...FIT_ERRORS,
        'STORAGE_FULL',
      ),
    },
  }
  app.post(ROUTES.fitRows.path, { schema, config: { meter: 'fit' } }, async (request, reply) => {
    const account = callerOf(request).id
    const limits = { inline, maxDepth: MAX_DEPTH }
    const { settings, upload } = await withJsonBody(request, limits, async (body) => {
      const { rows, y, target, description, ...settings } = validated(fitRowsRequestSchema, body)
      const tables = trainingTables(rows, { y, target })
      return { settings, upload: await services.directUploads.trainRows(account, tables, description) }
    })
    const { async_mode, ...rest } = settings
    const command = fitCommand({ ...rest, train_set_upload_id: upload })
    return answerFit(request, reply, { command, isAsync: async_mode === true, deps })
  })
}
