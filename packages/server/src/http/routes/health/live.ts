import { liveResponseSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'

/** `GET /health/live`: the process answers. */
export function liveRoute(app: Api): void {
  const schema = {
    tags: ['server'],
    summary: 'Is the process alive?',
    description: 'Answers as long as the process runs, also while it starts and stops.',
    response: { 200: liveResponseSchema },
  }
  app.get(ROUTES.live.path, { schema }, async () => ({ status: 'live' as const }))
}
