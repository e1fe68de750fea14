/** Evals: what a brain is measured by (pfn-studio section 8). */
import { z } from 'zod'
import { type CommonSpec, commonFields, readCommon } from './artefact-fields.ts'
import { boundedText, freeTextSchema } from './document-bounds.ts'
import { MAX_CODE_BYTES } from './limits.ts'

const word = z.string().max(200)

const datasetSchema = z.union([word, z.looseObject({ name: word.nullish(), split: word.nullish() })])

const metricSchema = z.union([
  word.min(1),
  z.looseObject({
    name: word.min(1),
    higher_is_better: z.boolean().nullish(),
    description: freeTextSchema.nullish(),
  }),
])

const baselineSchema = z.looseObject({ name: word.min(1), score: z.number().nullish() })

const fields = {
  ...commonFields,
  task: word.nullish().describe('Such as regression, classification, forecast, cate; default custom'),
  dataset: datasetSchema.nullish().describe('A name, or name, source, version, split and kind'),
  metrics: z.array(metricSchema).nullish().describe('Names, or name, higher_is_better and description'),
  baselines: z.array(baselineSchema).nullish(),
  code: boundedText(MAX_CODE_BYTES).nullish().describe('Of a scorer of its own'),
}

/** An eval in the form that is stored. */
export interface EvalSpec extends CommonSpec {
  task: string
  dataset: Record<string, unknown>
  metrics: ({ name: string } & Record<string, unknown>)[]
  baselines: z.output<typeof baselineSchema>[]
  code: string | null
}

/** An eval as requests and files write it. */
export const evalInputSchema = z
  .looseObject(fields)
  .transform(
    (input, ctx): EvalSpec => ({
      ...readCommon(input, fields, ctx),
      task: input.task || 'custom',
      dataset: typeof input.dataset === 'string' ? { name: input.dataset } : (input.dataset ?? {}),
      metrics: (input.metrics ?? []).map((given) => (typeof given === 'string' ? { name: given } : given)),
      baselines: input.baselines ?? [],
      code: input.code ?? null,
    }),
  )
  .meta({
    id: 'EvalDraft',
    description: 'A version of an eval',
    examples: [
      {
        name: 'Held-out lines',
        slug: 'held-out-lines',
        version: '1.0.0',
        task: 'regression',
        dataset: { name: 'straight-lines', kind: 'synthetic', split: 'test' },
        metrics: [{ name: 'rmse', higher_is_better: false }],
      },
    ],
  })
