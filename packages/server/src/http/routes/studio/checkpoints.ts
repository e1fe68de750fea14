import { checkpointIdSchema, checkpointListSchema, ROUTES, runIdSchema } from '@posterior/contracts'
import { z } from 'zod'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeCheckpoint } from '../../present/run.ts'
import { addressOf } from './runs.ts'

/** `/projects/{projectId}/runs/{runId}/checkpoints`: the models of a run on its way. */
export function checkpointRoutes(app: Api, { services }: AppDeps): void {
  const { checkpoints } = services
  const listed = {
    tags: ['studio'],
    summary: 'List checkpoints',
    description:
      'The models that a run saved on its way, the newest ones (`POSTERIOR_KEPT_CHECKPOINTS`) and the last, each with what ' +
      'the evals measured at its step. Viewers may see them.',
    params: runIdSchema,
    response: { 200: checkpointListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listCheckpoints.path, { schema: listed }, async (request) => {
    const found = await checkpoints.list(callerOf(request).id, addressOf(request.params))
    return { checkpoints: found.map(describeCheckpoint) }
  })

  const downloaded = {
    tags: ['studio'],
    summary: 'Download a checkpoint',
    description:
      'A tar.gz of manifest.json and model.safetensors: a model folder, which `posterior predict` answers from.',
    params: checkpointIdSchema,
    response: {
      200: { description: 'The archive', content: { 'application/gzip': { schema: z.file() } } },
      ...errorResponses('NOT_FOUND'),
    },
  }
  app.get(ROUTES.getCheckpoint.path, { schema: downloaded }, async (request, reply) => {
    const { step } = request.params
    const { name, bytes } = await checkpoints.archive(callerOf(request).id, addressOf(request.params), step)
    reply.header('content-disposition', `attachment; filename="${name}"`)
    reply.type('application/gzip')
    return reply.send(bytes as never)
  })
}
