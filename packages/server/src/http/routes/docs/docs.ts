/**
 * `GET /docs`: the page that renders `/openapi.json`, from files of this server alone. Of the Swagger UI package only two
 * files are served; its plugin would add a page with a logo, and a tenth of a second to every start.
 */
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'

const PATH = '/docs'
const PACKAGE = dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json'))

/** Only what this origin serves; the program sets styles on its elements, and some of its images are data. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CACHED = 'public, max-age=3600'

/** The page, the program that renders, its styles, and the lines that start it. */
export function docsRoutes(app: Api, { publicUrl }: Pick<AppDeps, 'publicUrl'>): void {
  // The page may be reached with and without a slash at the end, so its links are absolute.
  const base = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '')
  const schema = { hide: true }
  app.get(PATH, { schema }, async (_request, reply) => {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8')
    return page(`${base}${PATH}`)
  })
  app.get(`${PATH}/start.js`, { schema }, async (_request, reply) => {
    reply.type('text/javascript; charset=utf-8')
    return startScript(`${base}${ROUTES.openapi.path}`)
  })
  const files = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' }
  for (const [name, type] of Object.entries(files)) {
    app.get(`${PATH}/${name}`, { schema }, async (_request, reply) => {
      reply.header('cache-control', CACHED).type(`${type}; charset=utf-8`)
      return reply.send(createReadStream(join(PACKAGE, 'static', name)) as never)
    })
  }
}

const page = (folder: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Posterior API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${folder}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${folder}/swagger-ui-bundle.js"></script>
<script src="${folder}/start.js"></script>
</body>
</html>
`

// No validator: it would send the address of the document to another host.
const startScript = (url: string) => `SwaggerUIBundle({
  url: ${JSON.stringify(url)},
  dom_id: '#swagger-ui',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`
