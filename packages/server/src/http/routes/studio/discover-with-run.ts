import {
  DATA_ERROR_CODES,
  type Discovery,
  discoverBodySchema,
  discoverySchema,
  ROUTES,
  runIdSchema,
} from '@posterior/contracts'
import type { GraphResult } from '../../../domain/ports/answerer.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { goneSignal } from '../../present/prediction-answer.ts'
import { addressOf } from './runs.ts'

const DEFAULT_THRESHOLD = 0.5
/** Of the largest table, with all digits of its numbers. */
const MAX_BODY_BYTES = 4 * 2 ** 20

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
      ...errorResponses(
        'NOT_FOUND',
        'RUN_NOT_COMPLETED',
        'REQUEST_VALIDATION_ERROR',
        ...DATA_ERROR_CODES,
        'INSUFFICIENT_QUOTA',
        'SERVER_BUSY',
        'NOT_READY',
        'ENGINE_FAILED',
        'FIT_INTERRUPTED',
      ),
    },
  }
  const options = { schema, bodyLimit: MAX_BODY_BYTES, config: { meter: 'predict' } } as const
  app.post(ROUTES.discoverWithRun.path, options, async (request, reply) => {
    const { id } = callerOf(request)
    const { X, threshold } = request.body
    const target = await services.brains.find(id, addressOf(request.params))
    const graph = await services.discoveries.discover(id, target, X, goneSignal(reply))
    return describeGraph(graph, threshold ?? DEFAULT_THRESHOLD)
  })
}

function describeGraph({ columns, probabilities, warnings }: GraphResult, threshold: number): Discovery {
  const rows = Array.from({ length: columns }, (_, i) => [
    ...probabilities.subarray(i * columns, (i + 1) * columns),
  ])
  const isEdge = (from: number, to: number) => from !== to && rows[from]![to]! >= threshold
  const edges = rows.flatMap((row, from) =>
    row.flatMap((probability, to) => (isEdge(from, to) ? [{ from, to, probability }] : [])),
  )
  return {
    task: 'discovery',
    probabilities: rows,
    threshold,
    adjacency: rows.map((row, from) => row.map((_, to) => (isEdge(from, to) ? 1 : 0))),
    edges: edges.sort((a, b) => b.probability - a.probability),
    warnings: [...warnings],
  }
}
