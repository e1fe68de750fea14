/** Samples of a prior, to look at what it draws (pfn-studio section 3.1). */
import { z } from 'zod'
import { handleSchema } from './ids.ts'
import { overrideSchema } from './run.ts'

/** Samples when no number is named, and the seed of the first one. */
export const DEFAULT_SAMPLE_COUNT = 9
export const DEFAULT_SAMPLE_SEED = 42

export const MAX_SAMPLE_COUNT = 100

export const samplePriorSchema = z
  .strictObject({
    count: z.int().min(1).max(MAX_SAMPLE_COUNT).nullish().describe(`Default ${DEFAULT_SAMPLE_COUNT}`),
    seed: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER - MAX_SAMPLE_COUNT)
      .nullish()
      .describe(`Of the first sample; sample i is drawn from seed + i. Default ${DEFAULT_SAMPLE_SEED}`),
    overrides: z
      .record(z.string().max(200), overrideSchema)
      .nullish()
      .describe('Values of parameters, or ranges [least, greatest] that each sample draws from'),
  })
  .meta({ id: 'SamplePrior', examples: [{ count: 2, seed: 1, overrides: { noise_scale: 0.1 } }] })

export type SampleOrder = z.output<typeof samplePriorSchema>

export const priorSamplesSchema = z
  .object({
    prior_id: z.string(),
    name: z.string(),
    version: z.string(),
    kind: z.string(),
    outputs: z.array(z.looseObject({ name: z.string(), type: z.string(), shape: z.string() })),
    parameters: z.record(z.string(), z.unknown()),
    overrides: z.record(z.string(), z.unknown()),
    samples: z
      .array(z.looseObject({ seed: z.int() }))
      .describe('One key per output beside the seed; arrays as nested lists, null for what JSON cannot hold'),
  })
  .meta({ id: 'PriorSamples', description: 'Draws of a prior' })

export const checkPriorSchema = z
  .strictObject({
    version: z.string().max(40).nullish().describe('Such as 1.2.0; default: the latest'),
    overrides: z
      .record(z.string().max(200), overrideSchema)
      .nullish()
      .describe('Values of parameters, or ranges [least, greatest], as a run gives them'),
  })
  .meta({ id: 'CheckPrior', examples: [{ overrides: { noise_scale: 0.1 } }] })

export type PriorCheckOrder = z.output<typeof checkPriorSchema>

export const priorCheckSchema = z
  .object({
    ok: z.boolean().describe('Whether a run could train on it'),
    slug: z.string(),
    source: z.enum(['project', 'catalogue']),
    version: z
      .string()
      .nullable()
      .describe('The version that was checked; null when there is no such version'),
    problems: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .describe('By the fields that the order of a run has'),
  })
  .meta({ id: 'PriorCheck', description: 'What a run would find wrong with a prior before it trains' })

export type PriorCheck = z.infer<typeof priorCheckSchema>

export const priorHandleSchema = z.object({
  priorId: handleSchema.describe('A prior of the catalogue by slug, or one of a project by id'),
})
