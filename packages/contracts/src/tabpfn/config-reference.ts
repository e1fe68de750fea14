/** The reference page of `tabpfn_config`, from its schemas and the tables of what this server does. */
import { z } from 'zod'
import { CONFIG_FIELDS, tabpfnConfigSchema } from './config.ts'
import type { ConfigField } from './config-field.ts'
import { INFERENCE_FIELDS, inferenceConfigSchema, preprocessTransformSchema } from './inference-config.ts'

interface JsonSchema {
  type?: string | readonly string[]
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly JsonSchema[]
  items?: JsonSchema
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  description?: string
}

/** The page as Markdown. */
export function renderTabpfnConfigReference(): string {
  return [
    '# `tabpfn_config`',
    '',
    'What this server does with each field of `tabpfn_config`, in a fit and in a prediction, and with each key of its',
    '`inference_config`. A field that is not listed is a 422 that names it. Null means the default, unless the note says',
    'otherwise.',
    '',
    '- **honoured**: it does what it says. **accepted**: it is checked, changes nothing, and the note says why.',
    '- **ensemble**: decided at fit; a prediction that asks for another value fits the same rows again, once. **output**: may',
    '  differ at each prediction. **model**: which model, and how far it may be used.',
    '',
    ...fieldTable(CONFIG_FIELDS, propertiesOf(tabpfnConfigSchema)),
    '',
    '## `inference_config`',
    '',
    'Without it the ensemble is our own default; the defaults of other programs do not hold here.',
    '',
    ...fieldTable(INFERENCE_FIELDS, propertiesOf(inferenceConfigSchema)),
    '',
    '### An entry of `PREPROCESS_TRANSFORMS`',
    '',
    '| field | values | default | meaning |',
    '| --- | --- | --- | --- |',
    ...Object.entries(propertiesOf(preprocessTransformSchema)).map(([name, schema]) =>
      row(
        `\`${name}\``,
        describeValues(schema),
        name === 'name' ? 'required' : `\`${JSON.stringify(schema.default ?? null)}\``,
        schema.description ?? 'Only false: gradients through the preprocessing are not computed.',
      ),
    ),
    '',
    'Columns go through: choice of columns, products, scaling, components, one-hot, outlier limit, fingerprint, order. All of',
    'it is learned from the training rows of the member and stored with the fit.',
    '',
    '### Scalings',
    '',
    '| name | what it does |',
    '| --- | --- |',
    ...SCALINGS.map(([name, meaning]) => row(name, meaning)),
    '',
  ].join('\n')
}

const SCALINGS: readonly (readonly [string, string])[] = [
  ['`none`', 'nothing; the model standardises by itself'],
  ['`robust`', 'median 0, distance of the quartiles that of a normal distribution'],
  ['`power`, `safepower`', 'Yeo-Johnson power of the largest likelihood'],
  [
    '`power_box`, `safepower_box`',
    'range to [0.1, 1], then Box-Cox power; values beyond the training range are held there',
  ],
  [
    '`quantile_uni`, `quantile_norm` with `_coarse`, `_fine`',
    'ranks, or their normal scores, read off a fifth, a tenth (coarse) or all (fine) as many quantiles as rows, at most 1,000',
  ],
  ['`quantile_uni_extrapolate`', 'as `quantile_uni`, straight on for one range beyond either end'],
  ['`squashing_scaler_default`, `_max10`', 'quartiles 1 apart, softly limited to ±3 or ±10'],
  [
    '`kdi`, `kdi_uni`, `kdi_alpha_A`, `kdi_alpha_A_uni`',
    'distribution function of a kernel estimate with bandwidth A (default 1) standard deviations, normal scores or uniform',
  ],
  ['`kdi_random_alpha`, `kdi_random_alpha_uni`', 'with a bandwidth drawn for each column'],
  ['`norm_and_kdi`', 'two columns: `quantile_norm_coarse` and `kdi_uni`'],
  ['`adaptive`', 'by shape: nothing, a power, or `quantile_norm_coarse`'],
  ['`per_feature`', 'one of six drawn for each column'],
]

/** JSON schemas of the fields; a schema with an id of its own stays a reference, shown as an object. */
function propertiesOf({ shape }: z.ZodObject): Record<string, JsonSchema> {
  const entries = Object.entries(shape).map(([name, field]) => [
    name,
    z.toJSONSchema(field as z.ZodType, { io: 'input' }) as JsonSchema,
  ])
  return Object.fromEntries(entries)
}

function fieldTable(fields: readonly ConfigField[], schemas: Record<string, JsonSchema>): string[] {
  return [
    '| field | effect | acts on | values | default | note |',
    '| --- | --- | --- | --- | --- | --- |',
    ...fields.map(({ name, effect, acts, default: given, note }) =>
      row(`\`${name}\``, effect, acts, describeValues(schemas[name]!), given, note),
    ),
  ]
}

/** The values that a JSON schema lets through, in words; null is left out. */
function describeValues(schema: JsonSchema): string {
  if (schema.anyOf) {
    const parts = schema.anyOf.filter(({ type }) => type !== 'null').map(describeValues)
    return [...new Set(parts)].join('; or ')
  }
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum) {
    return schema.enum.length > 12
      ? 'a scaling, below'
      : schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  }
  const type = typeof schema.type === 'object' ? schema.type.find((name) => name !== 'null') : schema.type
  switch (type) {
    case 'integer':
    case 'number':
      return `${type === 'integer' ? 'whole number' : 'number'}${describeRange(schema)}`
    case 'array':
      return `list of ${describeValues(schema.items ?? {})}${describeLength(schema)}`
    case 'boolean':
      return 'boolean'
    case 'string':
      return 'text'
    default:
      return 'object'
  }
}

function describeRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const isBound = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER
  const parts = [
    isBound(minimum) ? `from ${minimum}` : isBound(exclusiveMinimum) ? `above ${exclusiveMinimum}` : '',
    isBound(maximum) ? `to ${maximum}` : isBound(exclusiveMaximum) ? `below ${exclusiveMaximum}` : '',
  ].filter((part) => part !== '')
  return parts.length > 0 ? ` ${parts.join(' ')}` : ''
}

function describeLength({ minItems, maxItems }: JsonSchema): string {
  if (maxItems !== undefined) return `, ${minItems ?? 0} to ${maxItems} of them`
  return minItems !== undefined ? `, at least ${minItems}` : ''
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
