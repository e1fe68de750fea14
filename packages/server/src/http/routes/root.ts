import { ROUTES, renderErrorReference, rootResponseSchema } from '@posterior/contracts'
import { z } from 'zod'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'

/** `GET /`: reachable; clients take any other status as "server inaccessible". */
export function rootRoute(app: Api, { version }: AppDeps): void {
  const schema = {
    tags: ['server'],
    summary: 'Name and version of the server',
    description: 'Clients call it to learn whether the server can be reached.',
    response: { 200: rootResponseSchema },
  }
  app.get(ROUTES.root.path, { schema }, async () => ({
    name: 'posterior' as const,
    version,
    status: 'ok' as const,
  }))
}

/** `GET /errors`: the error reference that every envelope links to. */
export function errorReferenceRoute(app: Api): void {
  const schema = {
    tags: ['server'],
    summary: 'Explain every error',
    description:
      'The reference page of all `error_code`s, as Markdown. `support` of an error points into it.',
    response: {
      200: {
        description: 'The page',
        content: { 'text/markdown': { schema: z.string() } },
      },
    },
  }
  app.get(ROUTES.errors.path, { schema }, async (_request, reply) => {
    reply.type('text/markdown; charset=utf-8')
    return renderErrorReference()
  })
}
