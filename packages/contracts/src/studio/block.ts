/** Blocks that models are composed of, as a composer shows them (pfn-studio section 7.2). */
import { z } from 'zod'

const fieldSchema = z
  .object({
    key: z.string().describe('Name in the `config` of a block'),
    label: z.string(),
    kind: z.enum(['int', 'float', 'choice', 'boolean']),
    default: z
      .union([z.number(), z.string(), z.boolean()])
      .nullable()
      .describe('null: it follows from the blocks before, or from the prior'),
    min: z.number().nullable(),
    max: z.number().nullable(),
    step: z.number().nullable(),
    choices: z.array(z.string()).nullable(),
    hint: z.string(),
  })
  .meta({ id: 'BlockField' })

export const blockListSchema = z
  .object({
    blocks: z.array(
      z
        .object({
          type: z.string().describe('What a model names it by'),
          name: z.string(),
          description: z.string(),
          isHead: z.boolean().describe('A model ends with one head'),
          takes: z.array(z.string()).describe('What may reach it: one of these'),
          gives: z.string().nullable().describe('What it gives; null for what reached it'),
          fields: z.array(fieldSchema),
          citations: z.array(z.string()),
        })
        .meta({ id: 'Block' }),
    ),
  })
  .meta({ id: 'BlockList' })

export type BlockList = z.infer<typeof blockListSchema>
