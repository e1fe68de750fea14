import { protectedResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'

/** `GET /protected/`: clients ask whether their token is valid; any failure makes them forget it. */
export function protectedRoute(app: Api): void {
  const schema = { response: { 200: protectedResponseSchema, ...errorResponses('UNAUTHORIZED') } }
  app.get(ROUTES.protected.path, { schema }, async () => ({ message: 'The token is valid.' }))
}
