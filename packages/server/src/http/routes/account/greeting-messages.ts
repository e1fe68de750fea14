import { greetingMessagesSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'

/** `GET /retrieve_greeting_messages/`: this server has no news for its users. */
export function greetingMessagesRoute(app: Api): void {
  const schema = {
    tags: ['account'],
    summary: 'News for the user',
    description: 'Clients print each message when they start.',
    response: { 200: greetingMessagesSchema },
  }
  app.get(ROUTES.greetingMessages.path, { schema }, async () => ({ messages: [] }))
}
