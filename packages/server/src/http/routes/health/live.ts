import { healthResponseSchema, liveResponseSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import { ALIAS_PREFIX } from '../../openapi/describe-routes.ts'

/** `GET /health/live`: the process answers; `GET /health`: the same, as runners ask, also under `/api`. */
export function liveRoute(app: Api): void {
  const schema = {
    tags: ['server'],
    summary: 'Is the process alive?',
    description: 'Answers as long as the process runs, also while it starts and stops.',
    response: { 200: liveResponseSchema },
  }
  app.get(ROUTES.live.path, { schema }, async () => ({ status: 'live' as const }))
  const short = {
    tags: ['server'],
    summary: 'Is the server there?',
    description:
      'Like `/health/live`, under the name by which runners ask; answered with `/api` in front as well.',
    response: { 200: healthResponseSchema },
  }
  for (const prefix of ['', ALIAS_PREFIX]) {
    app.register(
      async (scope) => {
        const api = scope as Api
        api.get(ROUTES.health.path, { schema: short }, async () => ({ status: 'ok' as const }))
      },
      { prefix },
    )
  }
}
