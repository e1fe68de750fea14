import type { SchemaObject } from './api-document.ts'

/** Longest list of allowed values that is written out. */
const MAX_VALUES = 12

/** Bounds in the words of a reader, from the keywords of JSON Schema. */
const BOUNDS: readonly [keyword: string, words: string][] = [
  ['minimum', '≥'],
  ['exclusiveMinimum', '>'],
  ['maximum', '≤'],
  ['exclusiveMaximum', '<'],
  ['minLength', 'characters ≥'],
  ['maxLength', 'characters ≤'],
  ['minItems', 'items ≥'],
  ['maxItems', 'items ≤'],
]

/** The type of a schema in a few words of Markdown; schemas with a name are linked. */
export function describeType(schema: SchemaObject): string {
  if (schema.$ref) return linkTo(schema.$ref)
  const choices = (schema['anyOf'] ?? schema['oneOf']) as SchemaObject[] | undefined
  if (choices) return choices.map(describeType).join(' or ')
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``
  if (Array.isArray(schema['enum'])) return describeValues(schema['enum'])
  const types = [schema.type ?? 'any'].flat()
  return types.map((type) => describeOne(type, schema)).join(' or ')
}

/** A link to the section of a schema. */
export function linkTo(ref: string): string {
  const name = ref.split('/').at(-1) ?? ref
  return `[${name}](#${name.toLowerCase()})`
}

function describeOne(type: string, schema: SchemaObject): string {
  const { items, additionalProperties: values } = schema as Record<string, SchemaObject | undefined>
  if (type === 'array') return `array of ${items ? describeType(items) : 'any'}${bounds(schema)}`
  if (type === 'object' && typeof values === 'object' && Object.keys(values).length > 0) {
    return `object of ${describeType(values)}`
  }
  if (type === 'string' && schema['format'] === 'binary') return 'file'
  if (type === 'string' && typeof schema['format'] === 'string') return schema['format'] + bounds(schema)
  return type + (type === 'null' ? '' : bounds(schema))
}

function describeValues(values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_VALUES).map((value) => `\`${JSON.stringify(value)}\``)
  return values.length > MAX_VALUES ? `${shown.join(', ')}, …` : shown.join(', ')
}

/** Limits that were set; those of the number type itself say nothing. */
function bounds(schema: SchemaObject): string {
  const set = BOUNDS.filter(([keyword]) => {
    const value = schema[keyword]
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER
  })
  return set.length === 0
    ? ''
    : ` (${set.map(([keyword, words]) => `${words} ${schema[keyword]}`).join(', ')})`
}
