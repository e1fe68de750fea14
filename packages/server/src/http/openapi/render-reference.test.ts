import { expect, test } from 'vitest'
import type { ApiDocument } from './api-document.ts'
import { describeType } from './describe-type.ts'
import { renderApiReference } from './render-reference.ts'

const DOCUMENT: ApiDocument = {
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  tags: [
    { name: 'first', description: 'The first area.' },
    { name: 'second', description: 'The second area.' },
  ],
  paths: {
    '/b': { get: { tags: ['second'], summary: 'See b', description: 'Shows b.', responses: {} } },
    '/a/{id}': {
      post: {
        tags: ['first'],
        summary: 'Make a',
        description: 'Makes a.',
        security: [{ bearer: [] }],
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/A' }, example: { n: 1 } } },
        },
        responses: {
          200: { description: 'Made | done', content: { 'text/csv': { schema: { type: 'string' } } } },
          422: {
            description: '- `BAD_VALUE`: a value\n- `NO_ROWS`: nothing',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: {},
    schemas: {
      A: { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 1 } } },
    },
  },
}

test('routes come by area, with parameters, body, example and answers', () => {
  const page = renderApiReference(DOCUMENT)
  expect(page.indexOf('### POST /a/{id}')).toBeLessThan(page.indexOf('### GET /b'))
  expect(page).toContain('| [`POST /a/{id}`](#post-aid) | first | yes | Make a |')
  expect(page).toContain('| `id` | path | uuid | required |')
  expect(page).toContain('Request: [A](#a)\n\n```json\n{\n  "n": 1\n}\n```')
  expect(page).toContain('| 200 | `text/csv` | Made \\| done |')
  expect(page).toContain(
    '| 422 | [Error](#error) | [BAD_VALUE](errors.md#bad_value), [NO_ROWS](errors.md#no_rows) |',
  )
  expect(page).toContain(
    '### A\n\n| Field | Type | |\n| --- | --- | --- |\n| `n` | integer (≥ 1) | required |',
  )
})

test.each([
  [{ type: ['string', 'null'], maxLength: 5 }, 'string (characters ≤ 5) or null'],
  [{ anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'null' }] }, '[A](#a) or null'],
  [{ enum: ['x', 1] }, '`"x"`, `1`'],
  [{ const: -1 }, '`-1`'],
  [{ type: 'array', items: { type: 'number' }, minItems: 1 }, 'array of number (items ≥ 1)'],
  [{ type: 'object', additionalProperties: { type: 'boolean' } }, 'object of boolean'],
  [{ type: 'object', additionalProperties: {} }, 'object'],
  [{ type: 'string', format: 'binary' }, 'file'],
  [{}, 'any'],
])('%j is described as %s', (schema, words) => {
  expect(describeType(schema)).toBe(words)
})
