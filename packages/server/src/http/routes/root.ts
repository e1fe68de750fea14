import { ROUTES, renderErrorReference, rootResponseSchema } from '@posterior/contracts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'

/** `GET /`: reachable; clients take any other status as "server inaccessible". */
export function rootRoute(app: Api, { version }: AppDeps): void {
  const schema = { response: { 200: rootResponseSchema } }
  app.get(ROUTES.root.path, { schema }, async () => ({
    name: 'posterior' as const,
    version,
    status: 'ok' as const,
  }))
}

/** `GET /errors`: the error reference that every envelope links to. */
export function errorReferenceRoute(app: Api): void {
  app.get(ROUTES.errors.path, async (_request, reply) => {
    reply.type('text/markdown; charset=utf-8')
    return renderErrorReference()
  })
}
