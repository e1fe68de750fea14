import { greetingMessagesSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

/** `GET /retrieve_greeting_messages/`: what the operator wants users to know. */
export function greetingMessagesRoute(app: Api, { greeting }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'News for the user',
    description: 'Clients print each message when they start.',
    response: { 200: greetingMessagesSchema },
  }
  app.get(ROUTES.greetingMessages.path, { schema }, async () => ({
    messages: greeting === undefined ? [] : [greeting],
  }))
}
