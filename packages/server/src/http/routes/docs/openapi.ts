import { ROUTES } from '@posterior/contracts'
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import type { ApiDocument } from '../../openapi/api-document.ts'
import { forCaller, makeDocument } from '../../openapi/document.ts'

type OpenapiDeps = Pick<AppDeps, 'publicUrl' | 'version'> & { routes: readonly RouteOptions[] }

/** `GET /openapi.json`: these routes, described. */
export function openapiRoute(app: Api, { publicUrl, version, routes }: OpenapiDeps): void {
  const schema = {
    tags: ['server'],
    summary: 'Describe this API',
    description: 'The OpenAPI 3.1 document of this server. The page at `/docs` renders it.',
    response: { 200: z.looseObject({}).describe('An OpenAPI 3.1 document') },
  }
  let document: Promise<ApiDocument> | undefined
  app.get(ROUTES.openapi.path, { schema }, async (request) => {
    document ??= makeDocument(routes, version)
    return { ...forCaller(await document, request, publicUrl) }
  })
}
