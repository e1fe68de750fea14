import { ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /metrics`: counters and histograms for Prometheus; holds nothing of any account. */
export function metricsRoute(app: Api, { metrics, readiness }: AppDeps): void {
  app.get(ROUTES.metrics.path, async (_request, reply) => {
    metrics.ready.set(readiness.isReady ? 1 : 0)
    reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })
}
