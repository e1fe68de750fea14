/**
 * The OpenAPI 3.1 document, made from the schemas that validate. It is made when it is first asked for, and the plugin that
 * makes it is loaded then, so that a server that nobody asks starts without it.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { type ErrorCode, errorEntry } from '@posterior/contracts'
import Fastify, { type FastifyRequest, type FastifySchema, type RouteOptions } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { declaredErrors } from '../api.ts'
import { baseUrl } from '../base-url.ts'
import type { ApiDocument, Operation, RequestBody, SchemaObject } from './api-document.ts'
import { tidyComponents } from './components.ts'
import type { BodyByType } from './describe-routes.ts'
import { ERROR_HEADERS, STANDING_HEADERS } from './error-headers.ts'
import { TAGS } from './tags.ts'

/** What the plugin writes where a response has no description of its own. */
const NO_DESCRIPTION = 'Default Response'

/** Errors listed with their meaning; more than this are listed by name. */
const MAX_EXPLAINED = 4

/** Notes of a route that wait on its operation until the whole document is there. */
interface Notes {
  'x-errors': Record<string, readonly ErrorCode[]>
  'x-request-body'?: RequestBody
}

/** The document of these routes, as they are when this is called. */
export async function makeDocument(routes: readonly RouteOptions[], version: string): Promise<ApiDocument> {
  const { default: swagger } = await import('@fastify/swagger')
  // The plugin reads the routes of an app, so it gets one that never answers.
  const app = Fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => () => '')
  await app.register(swagger, documentOptions(version))
  for (const { method, url, schema } of routes) {
    app.route({ method, url, ...(schema && { schema }), handler: async () => undefined })
  }
  await app.ready()
  return app.swagger() as ApiDocument
}

/** The document with the address at which the caller reaches this server. */
export function forCaller(
  document: ApiDocument,
  request: FastifyRequest,
  publicUrl: string | undefined,
): ApiDocument {
  const { openapi, info, ...rest } = document
  return { openapi, info, servers: [{ url: baseUrl(request, publicUrl) }], ...rest }
}

function documentOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Posterior API',
        version,
        summary: 'Predictions on tables, without training a model for each.',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [...TAGS],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'The API token of an account: `Authorization: Bearer <token>`.',
          },
          runner: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token of a runner, `psr_...`: `Authorization: Token <token>`, or `Bearer`.',
          },
        },
      },
    },
    convertConstToEnum: false,
    transform: (route) => {
      const { requestBody, ...schema } = route.schema ?? {}
      const toJson = (given: FastifySchema) =>
        jsonSchemaTransform({ ...route, schema: given } as never).schema as FastifySchema
      const notes: Notes = { 'x-errors': {} }
      if (requestBody) notes['x-request-body'] = bodyByType(requestBody, toJson)
      const transformed = { url: route.url, schema: toJson(withoutCopies(schema, notes)) }
      return { ...transformed, schema: { ...transformed.schema, ...notes } as FastifySchema }
    },
    transformObject: (given) => finish(jsonSchemaTransformObject(given as never) as ApiDocument) as never,
  }
}

const DESCRIPTION = `Upload a training set, fit, upload rows, predict:

1. \`POST /tabpfn/prepare_train_set_upload\` answers signed URLs; \`PUT\` the two files there.
2. \`POST /tabpfn/fit\` answers \`fitted_train_set_id\`.
3. \`POST /tabpfn/prepare_test_set_upload\` and \`PUT\`, the same for the rows to predict.
4. \`POST /tabpfn/predict\` answers probabilities, labels, numbers or quantiles.

Every failure has the same body, \`Error\`; its \`error_code\` is explained at \`/errors\`. A path may end in a slash. The
method \`HEAD\` is answered wherever \`GET\` is; another method is a 405 that names the right ones in \`Allow\`.`

function bodyByType(
  { content, ...rest }: BodyByType,
  toJson: (schema: FastifySchema) => FastifySchema,
): RequestBody {
  const types = Object.entries(content).map(([type, { schema, ...more }]) => {
    return [type, { schema: toJson({ body: schema }).body as SchemaObject, ...more }]
  })
  return { required: true, ...rest, content: Object.fromEntries(types) }
}

/** Responses with the schemas that have a name in place of the copies; the errors go to the notes. */
function withoutCopies(schema: FastifySchema, notes: Notes): FastifySchema {
  if (!schema.response) return schema
  const response: Record<string, unknown> = {}
  for (const [status, body] of Object.entries(schema.response)) {
    const errors = declaredErrors(body)
    if (errors) notes['x-errors'][status] = errors.codes
    response[status] = errors?.schema ?? body
  }
  return { ...schema, response }
}

function finish(document: ApiDocument): ApiDocument {
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) finishOperation(operation, document)
  }
  liftExamples(document)
  return tidyComponents(document)
}

function finishOperation(operation: Operation & Partial<Notes>, { components }: ApiDocument): void {
  const { 'x-errors': errors = {}, 'x-request-body': body } = operation
  delete operation['x-errors']
  delete operation['x-request-body']
  if (body) operation.requestBody = body
  for (const response of Object.values(operation.responses)) {
    if (response.description !== NO_DESCRIPTION) continue
    const { $ref } = Object.values(response.content ?? {})[0]?.schema ?? {}
    response.description = components.schemas[$ref?.split('/').at(-1) ?? '']?.description ?? 'Done'
  }
  const isMetered = errors['429']?.includes('RATE_LIMIT_EXCEEDED') ?? false
  for (const [status, response] of Object.entries(operation.responses)) {
    if (isMetered && status.startsWith('2')) response.headers = STANDING_HEADERS
  }
  for (const [status, codes] of Object.entries(errors)) {
    const response = operation.responses[status]!
    response.description = describeErrors(codes)
    const headers = ERROR_HEADERS[Number(status)]
    if (headers) response.headers = headers
  }
}

/** Examples stand beside the schema of a body, where programs that show or send them look, rather than in it. */
function liftExamples({ paths, components }: ApiDocument): void {
  const lifted = new Set<SchemaObject>()
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  for (const media of operations.flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}))) {
    const name = media.schema.$ref?.split('/').at(-1)
    const schema = name === undefined ? media.schema : components.schemas[name]
    if (!schema || !Array.isArray(schema['examples'])) continue
    lifted.add(schema)
    const named = schema['examples'].map((value, i) => [`example ${i + 1}`, { value }])
    if (named.length === 1) media.example = schema['examples'][0]
    else media.examples = Object.fromEntries(named)
  }
  for (const schema of lifted) delete schema['examples']
}

function describeErrors(codes: readonly ErrorCode[]): string {
  if (codes.length > MAX_EXPLAINED) return `One of ${codes.map((code) => `\`${code}\``).join(', ')}.`
  const explained = codes.map((code) => `\`${code}\`: ${errorEntry(code).meaning}`)
  return explained.length === 1 ? explained[0]! : explained.map((line) => `- ${line}`).join('\n')
}
