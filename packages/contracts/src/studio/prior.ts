/** Priors: what draws synthetic tasks (pfn-studio section 8). */
import { z } from 'zod'
import { type CommonSpec, commonFields, readCommon } from './artefact-fields.ts'
import { boundedText, freeTextSchema } from './document-bounds.ts'
import { MAX_CODE_BYTES, MAX_MARKDOWN_BYTES } from './limits.ts'

export const PRIOR_KINDS = ['scm', 'tabular', 'temporal', 'temporal_causal', 'graph', 'custom'] as const
export const PARAMETER_TYPES = ['int', 'float', 'categorical', 'bool'] as const
export const OUTPUT_TYPES = ['scalar', 'tensor', 'graph', 'matrix'] as const

/** Other words for the types of parameters. */
const TYPE_WORDS: Readonly<Record<string, (typeof PARAMETER_TYPES)[number]>> = {
  integer: 'int',
  number: 'float',
  double: 'float',
  real: 'float',
  boolean: 'bool',
  choice: 'categorical',
  enum: 'categorical',
  string: 'categorical',
}

const parameterSchema = z.looseObject({
  type: z
    .enum([...PARAMETER_TYPES, ...(Object.keys(TYPE_WORDS) as [string, ...string[]])])
    .transform((word) => TYPE_WORDS[word] ?? (word as (typeof PARAMETER_TYPES)[number])),
  range: z.tuple([z.number(), z.number()]).nullish().describe('Least and greatest value'),
  choices: z.array(z.unknown()).nullish(),
  default: z.unknown().optional(),
  description: freeTextSchema.nullish(),
})

const variableSchema = z.looseObject({
  name: z.string().min(1).max(200),
  type: z.enum(OUTPUT_TYPES),
  shape: z
    .union([z.string(), z.array(z.unknown()), z.number()])
    .nullish()
    .transform((shape) => (Array.isArray(shape) ? `(${shape.join(', ')})` : shape?.toString())),
  description: freeTextSchema.nullish(),
})

const outputsSchema = z
  .union([z.array(variableSchema), z.looseObject({ variables: z.array(variableSchema).nullish() })])
  .transform((given) =>
    Array.isArray(given) ? { variables: given } : { ...given, variables: given.variables ?? [] },
  )

const fields = {
  ...commonFields,
  kind: z.enum(PRIOR_KINDS).nullish().describe('Default custom'),
  parameters: z.record(z.string(), parameterSchema).nullish().describe('By name'),
  outputs: outputsSchema.nullish().describe('`{variables: [...]}`, or the variables alone'),
  rationale: boundedText(MAX_MARKDOWN_BYTES).nullish().describe('Why the world looks like this; markdown'),
  implementation: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\.(py|ts|js|mjs)$/,
      'must be a file name such as prior.ts or prior.py',
    )
    .nullish()
    .describe('File name of the code; default prior.py'),
  code: boundedText(MAX_CODE_BYTES).nullish(),
  requirements: freeTextSchema.nullish().describe('Packages of Python, as in requirements.txt'),
  pythonVersion: z.string().max(40).nullish(),
  python_version: z.string().max(40).nullish(),
}

/** A prior in the form that is stored. */
export interface PriorSpec extends CommonSpec {
  kind: (typeof PRIOR_KINDS)[number]
  parameters: Record<string, z.output<typeof parameterSchema>>
  outputs: { variables: z.output<typeof variableSchema>[] }
  rationale: string | null
  /** File name of the code. */
  implementation: string
  code: string | null
  requirements: string | null
  pythonVersion: string | null
}

/** A prior as requests and files write it. */
export const priorInputSchema = z
  .looseObject(fields)
  .transform(
    (input, ctx): PriorSpec => ({
      ...readCommon(input, fields, ctx),
      kind: input.kind ?? 'custom',
      parameters: input.parameters ?? {},
      outputs: input.outputs ?? { variables: [] },
      rationale: input.rationale ?? null,
      implementation: input.implementation ?? 'prior.py',
      code: input.code ?? null,
      requirements: input.requirements ?? null,
      pythonVersion: input.pythonVersion ?? input.python_version ?? null,
    }),
  )
  .meta({
    id: 'PriorDraft',
    description: 'A version of a prior',
    examples: [
      {
        name: 'Straight lines',
        slug: 'straight-lines',
        version: '1.0.0',
        kind: 'tabular',
        parameters: { noise: { type: 'float', range: [0.01, 1], default: 0.1 } },
        outputs: { variables: [{ name: 'X', type: 'tensor', shape: '(n, d)' }] },
      },
    ],
  })
