import {
  DATA_ERROR_CODES,
  discoverBodySchema,
  discoverySchema,
  type ErrorCode,
  ROUTES,
  runIdSchema,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeGraph } from '../../present/graph.ts'
import { goneSignal } from '../../present/prediction-answer.ts'
import { addressOf } from './runs.ts'

/** Of the largest table, with all digits of its numbers. */
export const MAX_TABLE_BYTES = 4 * 2 ** 20

/** What a question for a graph can end with, and `codes`. */
export function tableErrors(...codes: ErrorCode[]) {
  return errorResponses(
    'REQUEST_VALIDATION_ERROR',
    ...DATA_ERROR_CODES,
    'SERVER_BUSY',
    'NOT_READY',
    'ENGINE_FAILED',
    'FIT_INTERRUPTED',
    ...codes,
  )
}

/** `POST /projects/{projectId}/runs/{runId}/discover`: the graph behind a table, by a brain of discovery. */
export function discoverWithRunRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Discover the graph behind a table',
    description:
      'For the brain of a completed run on a causal prior, by id or slug: which columns of the table cause which. Columns are ' +
      'standardised; their order and names say nothing. Viewers may ask.',
    params: runIdSchema,
    body: discoverBodySchema,
    response: {
      200: discoverySchema,
      ...tableErrors('NOT_FOUND', 'RUN_NOT_COMPLETED', 'INSUFFICIENT_QUOTA'),
    },
  }
  const options = { schema, bodyLimit: MAX_TABLE_BYTES, config: { meter: 'predict' } } as const
  app.post(ROUTES.discoverWithRun.path, options, async (request, reply) => {
    const { id } = callerOf(request)
    const { X, threshold } = request.body
    const target = await services.brains.find(id, addressOf(request.params))
    const graph = await services.discoveries.discover(id, target, X, goneSignal(reply))
    return describeGraph(graph, threshold ?? undefined)
  })
}
