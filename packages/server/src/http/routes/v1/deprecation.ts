import type { Api } from '../../api.ts'
import { absoluteUrl } from '../../base-url.ts'
import type { AppDeps } from '../../deps.ts'

/** Where the routes that replace these are described. */
const DOCS_PATH = '/docs'

/** Every answer of this scope says that its routes are deprecated, until when they stay, and where to read more. */
export function announceDeprecation(scope: Api, { v1Sunset, publicUrl }: AppDeps): void {
  scope.addHook('onRequest', async (request, reply) => {
    const page = absoluteUrl(request, DOCS_PATH, publicUrl)
    reply.headers({
      deprecation: 'true',
      ...(v1Sunset !== undefined && { sunset: v1Sunset.toUTCString() }),
      link: `<${page}>; rel="deprecation"`,
    })
  })
}
