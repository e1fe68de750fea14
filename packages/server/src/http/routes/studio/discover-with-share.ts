import { discoverBodySchema, discoverySchema, ROUTES, shareTokenSchema } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { LiveShare } from '../../../domain/ports/shares.ts'
import type { Api } from '../../api.ts'
import { clientAddress } from '../../client-address.ts'
import type { AppDeps } from '../../deps.ts'
import { describeGraph } from '../../present/graph.ts'
import { goneSignal } from '../../present/prediction-answer.ts'
import { MAX_TABLE_BYTES, tableErrors } from './discover-with-run.ts'

/** `POST /shares/{token}/discover`: the graph behind a table, for whoever has the link to a brain of discovery. */
export function discoverWithShareRoute(app: Api, { services }: AppDeps): void {
  const { shares } = services
  const opened = new WeakMap<FastifyRequest, LiveShare>()
  const schema = {
    tags: ['studio'],
    summary: 'Discover with a shared brain',
    description:
      'The question of `/projects/{projectId}/runs/{runId}/discover`, without an `Authorization` header and under the limits ' +
      'of the link. One that is unknown, revoked, over or used up is refused with the same words.',
    params: shareTokenSchema,
    body: discoverBodySchema,
    response: { 200: discoverySchema, ...tableErrors('SHARE_NOT_FOUND', 'SHARE_PAUSED') },
  }
  const options = {
    schema,
    bodyLimit: MAX_TABLE_BYTES,
    // Before the body is read: whoever has no link does not have a table parsed.
    onRequest: async (request: FastifyRequest) => {
      const { token } = request.params as { token: string }
      opened.set(request, await shares.open(token, clientAddress(request)))
    },
  }
  app.post(ROUTES.discoverWithShare.path, options, async (request, reply) => {
    const { X, threshold } = request.body
    const graph = await shares.discover(opened.get(request)!, X, goneSignal(reply))
    return describeGraph(graph, threshold ?? undefined)
  })
}
