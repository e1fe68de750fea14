/** The document says what the server does, and the page that renders it needs nothing from elsewhere. */
import { errorEnvelopeSchema, ROUTES } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../testing/test-server.ts'
import type { ApiDocument, Operation } from './api-document.ts'
import { TAGS } from './tags.ts'

let server: TestServer
let document: ApiDocument
let operations: { name: string; operation: Operation }[]

const anonymous = { token: null }

beforeAll(async () => {
  server = await startTestServer()
  const answer = await server.call('GET', '/openapi.json', anonymous)
  document = answer.json
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  )
})
afterAll(() => server.close())

const documentedName = ({ method, path }: { method: string; path: string }) =>
  `${method} ${path.replace(/:(\w+)/g, '{$1}')}`

describe('the document', () => {
  test('is OpenAPI 3.1, needs no token and names the address that the caller used', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.title).toBe('Posterior API')
    expect(document.servers).toEqual([{ url: server.url }])
  })

  test('names the public URL when one is set', async () => {
    const env = { POSTERIOR_PUBLIC_URL: 'https://predict.example.org/api' }
    const other = await startTestServer({ env })
    const { json } = await other.call('GET', '/openapi.json', anonymous)
    expect(json.servers).toEqual([{ url: 'https://predict.example.org/api' }])
    const page = await other.call('GET', '/docs', anonymous)
    expect(page.text).toContain('"/api/docs/swagger-ui.css"')
    await other.close()
  })

  test('says where a request needs no body', () => {
    const isRequired = (path: string) => document.paths[path]?.['post']?.requestBody?.required
    expect(isRequired('/priors/{priorId}/sample')).toBe(false)
    expect(isRequired('/projects/{projectId}/runs')).toBe(true)
  })

  test('has every route of the list of routes', () => {
    const names = operations.map(({ name }) => name)
    for (const route of Object.values(ROUTES)) expect(names).toContain(documentedName(route))
  })

  test('says which answers tell how the account stands, as they do', async () => {
    const ofPath = (path: string) =>
      Object.keys(document.paths[path]?.['post']?.responses['200']?.headers ?? {})
    expect(ofPath('/auth/login')).toEqual([])
    const body = { context: { x: [[1], [2]], y: [1, 2] }, query: { x: [[1]] } }
    const answer = await server.call('POST', '/models/fake/predict', { body })
    const sent = [...answer.headers.keys()].filter((name) => name.startsWith('x-ratelimit-'))
    const documented = ofPath('/models/{model}/predict').map((name) => name.toLowerCase())
    expect(documented.sort()).toEqual(sent.sort())
  })

  test('gives each operation a name of its own, an area, a summary and a description', () => {
    const areas = TAGS.map(({ name }) => name)
    for (const { name, operation } of operations) {
      const { operationId, tags, summary, description } = operation
      expect([name, operationId]).toEqual([name, expect.stringMatching(/^\w+$/)])
      expect([name, tags?.length]).toEqual([name, 1])
      expect(areas, name).toContain(tags?.[0])
      expect([name, summary]).toEqual([name, expect.stringMatching(/^.{4,80}$/)])
      expect([name, description]).toEqual([name, expect.stringMatching(/^[\s\S]{20,}$/)])
    }
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  })

  test('declares the envelope for every failure, and 401 where a token is needed', () => {
    for (const { name, operation } of operations) {
      const statuses = Object.keys(operation.responses)
      // Wheels are refused whatever they hold.
      const isRefusal = operation.operationId === 'addWheel'
      expect([name, statuses.some((status) => status < '400')]).toEqual([name, !isRefusal])
      for (const status of statuses.filter((each) => each >= '400')) {
        const { content, description } = operation.responses[status]!
        const { $ref = '' } = content?.['application/json']?.schema ?? {}
        expect([name, status, $ref]).toEqual([
          name,
          status,
          expect.stringMatching(/\/((Studio)?Error|DuplicateT\w+Set)$/),
        ])
        expect(description, `${name} ${status}`).toMatch(/[A-Z]+_[A-Z]+|UNAUTHORIZED/)
      }
      const isLogin = operation.operationId === 'login'
      expect([name, statuses.includes('401')]).toEqual([name, isLogin || operation.security !== undefined])
    }
  })

  test('refers only to schemas that it holds, and holds only schemas that it refers to', () => {
    const text = JSON.stringify(document)
    const refs = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id))
    expect([...refs].sort()).toEqual(Object.keys(document.components.schemas))
  })

  test('describes bodies that are not JSON by their content type', () => {
    const put = document.paths['/uploads/{uploadId}/{file}/{part}']?.['put']
    expect(put?.requestBody?.content).toMatchObject({
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    })
    const form = document.paths['/v1/fit']?.['post']?.requestBody?.content['multipart/form-data']
    expect(form).toMatchObject({
      schema: { properties: { data: { $ref: '#/components/schemas/V1FitData' } } },
      encoding: { data: { contentType: 'application/json' } },
    })
    expect(document.paths['/metrics']?.['get']?.responses['200']?.content).toHaveProperty(['text/plain'])
  })
})

describe('the page at /docs', () => {
  test('is plain, may load from this server alone and names no other', async () => {
    const page = await server.call('GET', '/docs', anonymous)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<title>Posterior API</title>')
    expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  test('finds all its files here', async () => {
    const page = await server.call('GET', '/docs/', anonymous)
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file!)
    expect(files.length).toBe(3)
    const answers = await Promise.all(files.map((file) => server.call('GET', file, anonymous)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers.map(({ headers }) => headers.get('content-type')?.split(';')[0])).toEqual([
      'text/css',
      'text/javascript',
      'text/javascript',
    ])
    const [url] = /"\/[^"]+"/.exec(answers.at(-1)!.text) ?? []
    expect(url).toBe('"/openapi.json"')
  })

  test('answers a file that is not there with the envelope', async () => {
    const answer = await server.call('GET', '/docs/nothing.js', anonymous)
    expect(answer.status).toBe(404)
    expect(errorEnvelopeSchema.parse(answer.json).error_code).toBe('NOT_FOUND')
  })
})
