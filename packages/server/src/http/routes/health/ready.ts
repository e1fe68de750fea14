import { ROUTES, readyResponseSchema } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /health/ready`: 200 once a self-test prediction has passed and until the server stops, else 503. */
export function readyRoute(app: Api, { readiness }: AppDeps): void {
  const schema = {
    tags: ['server'],
    summary: 'Is the server ready for work?',
    description: '200 once a prediction that tests the installation has passed, and until the server stops.',
    response: { 200: readyResponseSchema, ...errorResponses('NOT_READY', 'SHUTTING_DOWN') },
  }
  app.get(ROUTES.ready.path, { schema }, async () => {
    readiness.assertReady()
    return { status: 'ready' as const }
  })
}
