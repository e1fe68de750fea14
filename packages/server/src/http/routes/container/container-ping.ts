import { pingResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /ping`: 200 when predictions are answered, as the platforms that run inference containers ask; no token needed. */
export function containerPingRoute(app: Api, { readiness }: AppDeps): void {
  const schema = {
    tags: ['containers'],
    summary: 'Whether the container answers',
    description: 'The question that hosting platforms ask; `GET /health/ready` is the same.',
    response: { 200: pingResponseSchema, ...errorResponses('NOT_READY') },
  }
  app.get(ROUTES.containerPing.path, { schema }, async () => {
    readiness.assertReady()
    return { status: 'ready' as const }
  })
}
