import { fitRequestSchema, fitResponseSchema, ROUTES, streamedErrorSchema } from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses, FIT_ERRORS } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { fitCommand } from '../../dialects/fit-command.ts'
import { answerFit } from './answer-fit.ts'

/** `POST /tabpfn/fit`: fit and answer when it is done, a long fit with whitespace in front; or at once with `async_mode`. */
export function fitRoute(app: Api, deps: AppDeps): void {
  const schema = {
    tags: ['fits'],
    summary: 'Fit a training set',
    description:
      'Answers when the fit is done, or at once with `async_mode`. A fit that takes longer than two seconds answers 200 at ' +
      'once and sends whitespace until it ends; when it then fails, the body is an error with `_streamed_error: true`. ' +
      'The same fit of the same data is answered with the same id, unless `force_refit` is set. Flat fields (`task`, ' +
      '`tabpfn_config`, `thinking_effort`, ...) and nested ones (`task_config`, `thinking_config`) mean the same.',
    body: fitRequestSchema,
    response: {
      200: z.union([fitResponseSchema, streamedErrorSchema]),
      ...errorResponses(
        'UNAUTHORIZED',
        'NOT_FOUND',
        'REQUEST_VALIDATION_ERROR',
        'INSUFFICIENT_QUOTA',
        ...FIT_ERRORS,
      ),
    },
  }
  app.post(ROUTES.fit.path, { schema, config: { meter: 'fit' } }, async (request, reply) => {
    const command = fitCommand(request.body)
    return answerFit(request, reply, { command, isAsync: request.body.async_mode === true, deps })
  })
}
