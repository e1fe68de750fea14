import { ROUTES } from '@posterior/contracts'
import { z } from 'zod'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /metrics`: counters and histograms for Prometheus; holds nothing of any account. */
export function metricsRoute(app: Api, { metrics, readiness }: AppDeps): void {
  const schema = {
    tags: ['server'],
    summary: 'Counters and histograms',
    description: 'In the text format of Prometheus. Holds nothing of any account.',
    response: {
      200: { description: 'All metrics', content: { 'text/plain': { schema: z.string() } } },
    },
  }
  app.get(ROUTES.metrics.path, { schema }, async (_request, reply) => {
    metrics.ready.set(readiness.isReady ? 1 : 0)
    reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })
}
