/**
 * Every 422 names the field. The cases come from `/openapi.json`: each field of each request body, at any depth, and each
 * parameter, with a value of a type that it does not take. A new route is covered by being in the document.
 */
import { type ErrorEnvelope, errorEnvelopeSchema } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postForm } from '../testing/forms.ts'
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.ts'
import type { ApiDocument, Operation, SchemaObject } from './openapi/api-document.ts'

const MAX_DEPTH = 3
const ID = '00000000-0000-4000-8000-000000000000'
/** Model of the test's predictor: another one is not found, whatever the body holds. */
const MODEL = 'fake'
const TABLE = /^[Xy]_(train|test)$/
/** One value of each type of JSON. */
const VALUES: [type: string, value: unknown][] = [
  ['integer', 7.5],
  ['string', '?'],
  ['boolean', true],
  ['array', [{}]],
  ['object', { unexpected: 1 }],
]

/** Bodies that are read once what is asked has been found, by the operation whose body is read in the same way at once. */
const READ_LATER: Readonly<Record<string, string>> = {
  '/projects/{projectId}/runs/{runId}/predict': '/models/{model}/predict',
  '/shares/{token}/predict': '/models/{model}/predict',
  '/shares/{token}/discover': '/projects/{projectId}/runs/{runId}/discover',
}

let server: TestServer
let document: ApiDocument
let runnerToken: string

beforeAll(async () => {
  server = await startTestServer({ env: { POSTERIOR_OPEN_REGISTRATION: 'true' } })
  document = (await server.call('GET', '/openapi.json')).json
  runnerToken = (await server.call('POST', '/runners', { body: { name: 'here' } })).json.token
})
afterAll(() => server.close())

/** The call of an operation: those of runners are for their own tokens. */
const call = (method: string, url: string, body?: unknown): Promise<Answer> =>
  server.call(method, url, { body, ...(url.startsWith('/runner/') && { token: runnerToken }) })

/** A path with ids that are well-formed and belong to nothing. */
const fill = (path: string): string =>
  path
    .replace('{model}', MODEL)
    .replace('{step}', '1')
    .replace(/\{\w+\}/g, ID)

const resolve = (schema: SchemaObject): SchemaObject =>
  schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)!]! : schema

/** The schema without its references and choices: what it may be. */
function choices(schema: SchemaObject): SchemaObject[] {
  const own = resolve(schema)
  const options = (own['anyOf'] ?? own['oneOf']) as SchemaObject[] | undefined
  return options ? options.flatMap(choices) : [own]
}

/** Types that a schema takes; a number is also an integer. */
function typesOf(schema: SchemaObject): Set<string> {
  const types = choices(schema).flatMap((each) => {
    const values = each['enum'] ?? ('const' in each ? [each['const']] : undefined)
    if (Array.isArray(values)) return values.map((value) => typeof value as string)
    return each.type ?? VALUES.map(([type]) => type)
  })
  return new Set(types.map((type) => (type === 'number' ? 'integer' : type)))
}

/** Fields of a body with a value that each does not take, as bodies with that field alone. */
function* wrongBodies(
  schema: SchemaObject,
  path: readonly string[] = [],
): Generator<{ field: string; body: object }> {
  for (const option of choices(schema)) {
    for (const [name, field] of Object.entries(
      (option['properties'] ?? {}) as Record<string, SchemaObject>,
    )) {
      const inner = [...path, name]
      const types = typesOf(field)
      const wrong = VALUES.find(([type]) => !types.has(type) && !(type === 'integer' && types.has('string')))
      const fallback = VALUES.find(([type]) => !types.has(type))
      const [, value] = wrong ?? fallback ?? []
      if (value !== undefined) yield { field: inner.join('.'), body: nest(inner, value) }
      if (inner.length < MAX_DEPTH) yield* wrongBodies(field, inner)
    }
  }
}

function nest(path: readonly string[], value: unknown): object {
  return path.reduceRight<unknown>((rest, name) => ({ [name]: rest }), value) as object
}

/** Tables are looked at one after the other, and those of a container when the rest is right. */
function withWhatIsReadFirst(path: string, field: string, body: object): object {
  if (TABLE.test(field)) return { ...body, task_config: { task: 'classification' } }
  if (path !== '/models/{model}/predict') return body
  const { context, query } = body as Record<'context' | 'query', unknown>
  const right = { context: { x: [[1]], ...(field !== 'context.labels' && { y: [1] }) }, query: { x: [[1]] } }
  return {
    ...body,
    context: isObject(context) ? { ...right.context, ...context } : (context ?? right.context),
    query: isObject(query) ? { ...right.query, ...query } : (query ?? right.query),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Whether a parameter takes text of no particular form. */
function isAnyText(schema: SchemaObject): boolean {
  return schema.type !== 'integer' && !['pattern', 'format', 'enum', 'anyOf'].some((key) => key in schema)
}

function operations(): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

function expectNamed(answer: Answer, field: string, what: string) {
  const { errors } = errorEnvelopeSchema.parse(answer.json) as ErrorEnvelope
  expect([what, answer.status, answer.json.error_code]).toEqual([what, 422, 'REQUEST_VALIDATION_ERROR'])
  const named = errors.map((error) => (TABLE.test(field) ? error.field.replace(/^x/, 'X') : error.field))
  // What is wrong inside a list or an object may be said of the place inside.
  expect(
    named.some((each) => each === field || each.startsWith(`${field}.`)),
    `${what}: ${named}`,
  ).toBe(true)
}

test('the bodies that are read later are those of an operation that reads them at once', () => {
  const body = (path: string) =>
    document.paths[path]!['post']!.requestBody!.content['application/json']!.schema
  for (const [later, atOnce] of Object.entries(READ_LATER)) expect(body(later), later).toEqual(body(atOnce))
})

test('a body names each field whose value is of the wrong type', async () => {
  let count = 0
  for (const { method, path, operation } of operations()) {
    const schema = operation.requestBody?.content['application/json']?.schema
    if (!schema || path in READ_LATER) continue
    const url = fill(path)
    for (const { field, body } of wrongBodies(schema)) {
      count++
      const sent = withWhatIsReadFirst(path, field, body)
      expectNamed(await call(method, url, sent), field, `${method} ${path} ${JSON.stringify(sent)}`)
    }
  }
  expect(count).toBeGreaterThan(100)
})

test('the part of JSON in a form names each field whose value is of the wrong type', async () => {
  const forms = operations().filter(({ operation }) => operation.tags?.includes('legacy'))
  expect(forms.length).toBe(2)
  for (const { path, operation } of forms) {
    const form = operation.requestBody!.content['multipart/form-data']!.schema
    const { data } = form['properties'] as Record<string, SchemaObject>
    for (const { field, body } of wrongBodies(data!)) {
      const file = { file: 'a,target\n1,x\n2,y\n' }
      const parts = { data: { json: body }, ...(path === '/v1/fit' ? { dataset_file: file } : { file }) }
      expectNamed(await postForm(server, path, parts), field, `${path} ${JSON.stringify(body)}`)
    }
  }
})

test('a body without its fields names those that are required', async () => {
  for (const { method, path, operation } of operations()) {
    const schema = operation.requestBody?.content['application/json']?.schema
    const required = (schema && resolve(schema)['required']) as string[] | undefined
    if (!required?.length || path in READ_LATER) continue
    const answer = await call(method, fill(path), {})
    const named = answer.json.errors.map((error: { field: string }) => error.field)
    // A container's tables are looked at after the rest.
    const expected = required.filter((field) => !/^x_/i.test(field))
    expect([path, answer.status, named]).toEqual([path, 422, expect.arrayContaining(expected)])
  }
})

test('a parameter in the path or the query is named', async () => {
  for (const { method, path, operation } of operations()) {
    for (const { name, in: place, required, schema } of operation.parameters ?? []) {
      if (place === 'path') {
        const url = fill(path.replace(`{${name}}`, 'no%20such%20thing'))
        const answer = await call(method, url)
        // A name that may be any text is not found; whatever has a form is refused for it.
        if (!isAnyText(schema)) expectNamed(answer, name, url)
        else if (!operation.requestBody) expect([url, answer.status]).toEqual([url, 404])
      } else if (required || schema['pattern']) {
        const body = operation.requestBody && {}
        const url = `${fill(path)}${required ? '' : `?${name}=?`}`
        expectNamed(await call(method, url, body), name, url)
      }
    }
  }
})
