import { protectedResponseSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'

/** `GET /protected/`: clients ask whether their token is valid; any failure makes them forget it. */
export function protectedRoute(app: Api): void {
  const schema = {
    tags: ['account'],
    summary: 'Is the token valid?',
    description: 'Clients call it before they keep a token; any failure makes them forget it.',
    response: { 200: protectedResponseSchema },
  }
  app.get(ROUTES.protected.path, { schema }, async () => ({ message: 'The token is valid.' }))
}
