/** The reference page of the HTTP API, as Markdown, from the document that the server answers. */
import type { ApiDocument, MediaType, Operation, SchemaObject } from './api-document.ts'
import { describeType, linkTo } from './describe-type.ts'

/** @returns routes by area with fields and statuses, then the schemas that they refer to */
export function renderApiReference(document: ApiDocument): string {
  const lines = [
    '# HTTP API',
    '',
    'Every route of the server, from the same schemas that check its requests. A running server answers this as',
    '`/openapi.json` and renders it at `/docs`. [Errors](errors.md) explains each error code.',
    '',
    'Routes that need a token take it in the header `Authorization: Bearer TOKEN`. A path may end in a slash.',
    '',
    '| Route | Area | Token | |',
    '| --- | --- | --- | --- |',
    ...each(document).map(({ title, operation }) => {
      const needsToken = operation.security ? 'yes' : 'no'
      return `| [\`${title}\`](#${anchor(title)}) | ${operation.tags?.[0]} | ${needsToken} | ${operation.summary} |`
    }),
    '',
  ]
  for (const { name, description } of document.tags) {
    const ofArea = each(document).filter(({ operation }) => operation.tags?.includes(name))
    if (ofArea.length === 0) continue
    lines.push(`## Area: ${name}`, '', description, '')
    for (const { title, operation } of ofArea) lines.push(`### ${title}`, '', ...renderOperation(operation))
  }
  lines.push('## Schemas', '')
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    lines.push(`### ${name}`, '', ...renderSchema(schema))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Operations in the order of the areas. */
function each({ paths, tags }: ApiDocument): { title: string; operation: Operation }[] {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      title: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  )
  const place = (operation: Operation) => tags.findIndex(({ name }) => operation.tags?.includes(name))
  return all.sort((a, b) => place(a.operation) - place(b.operation))
}

function renderOperation(operation: Operation): string[] {
  const { description, deprecated, parameters = [], requestBody, responses } = operation
  const lines = [deprecated ? `Deprecated. ${description}` : `${description}`, '']
  if (parameters.length > 0) {
    lines.push('| Parameter | In | Type | |', '| --- | --- | --- | --- |')
    for (const { name, in: place, required, schema, description: meaning = '' } of parameters) {
      lines.push(`| \`${name}\` | ${place} | ${describeType(schema)} | ${note(required, meaning)} |`)
    }
    lines.push('')
  }
  for (const [type, media] of Object.entries(requestBody?.content ?? {})) {
    lines.push(...renderBody(type, media))
  }
  lines.push('| Status | Answer | |', '| --- | --- | --- |')
  for (const [status, { description: meaning, content }] of Object.entries(responses)) {
    const bodies = Object.entries(content ?? {}).map(([type, { schema }]) => bodyType(type, schema))
    lines.push(
      `| ${status} | ${bodies.join(', ') || 'empty'} | ${oneLine(status < '400' ? meaning : errorLinks(meaning))} |`,
    )
  }
  return [...lines, '']
}

/** The codes that a description explains; the page of errors explains them too. */
function errorLinks(description: string): string {
  const codes = new Set([...description.matchAll(/`([A-Z][A-Z0-9_]+)`(?=:|,|\.)/g)].map(([, code]) => code!))
  return [...codes].map((code) => `[${code}](errors.md#${code.toLowerCase()})`).join(', ')
}

function renderBody(type: string, { schema, example, examples }: MediaType): string[] {
  const lines = [`Request: ${bodyType(type, schema)}`, '']
  if (schema['properties']) lines.push(...renderSchema({ ...schema, description: '' }))
  const shown = example ?? Object.values(examples ?? {})[0]?.value
  if (shown !== undefined) lines.push('```json', JSON.stringify(shown, null, 2), '```', '')
  return lines
}

function bodyType(type: string, schema: SchemaObject): string {
  if (type === 'application/json') return describeType(schema)
  return schema.$ref ? `\`${type}\` (${linkTo(schema.$ref)})` : `\`${type}\``
}

/** A table of fields, or for another schema its type. */
function renderSchema(schema: SchemaObject): string[] {
  const lines = schema.description ? [oneLine(schema.description), ''] : []
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, SchemaObject>)
  if (fields.length === 0) return [...lines, describeType(schema), '']
  const required = (schema['required'] ?? []) as string[]
  lines.push('| Field | Type | |', '| --- | --- | --- |')
  for (const [name, field] of fields) {
    const meaning = note(required.includes(name), field.description ?? '')
    lines.push(`| \`${name}\` | ${describeType(field)} | ${meaning} |`)
  }
  return [...lines, '']
}

function note(required: boolean | undefined, meaning: string): string {
  return [required ? 'required' : '', oneLine(meaning)].filter((part) => part !== '').join('; ')
}

function oneLine(text: string): string {
  return text.replace(/^- /gm, '').replaceAll('\n', ' ').replaceAll('|', '\\|').trim()
}

/** As the usual renderers make it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
