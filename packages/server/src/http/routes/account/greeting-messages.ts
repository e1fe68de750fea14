import { greetingMessagesSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'

/** `GET /retrieve_greeting_messages/`: this server has no news for its users. */
export function greetingMessagesRoute(app: Api): void {
  const schema = { response: { 200: greetingMessagesSchema, ...errorResponses('UNAUTHORIZED') } }
  app.get(ROUTES.greetingMessages.path, { schema }, async () => ({ messages: [] }))
}
