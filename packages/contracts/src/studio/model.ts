/** Models: the blocks that a network is built of (pfn-studio sections 7 and 8). */
import { z } from 'zod'
import { type CommonSpec, commonFields, readCommon } from './artefact-fields.ts'
import { boundedText, freeTextSchema } from './document-bounds.ts'
import { MAX_MARKDOWN_BYTES } from './limits.ts'

const blockSchema = z.looseObject({
  type: z.string().min(1).max(200),
  name: z.string().max(200).nullish(),
  config: z.looseObject({}).nullish(),
})

const headSchema = z.looseObject({ name: z.string().min(1).max(200), task: freeTextSchema.nullish() })

const shapeSchema = z.union([z.string(), z.number(), z.array(z.unknown()), z.looseObject({})])

const width = z.int().min(1).max(1_000_000)

const fields = {
  ...commonFields,
  narrative: boundedText(MAX_MARKDOWN_BYTES).nullish(),
  blocks: z.array(blockSchema).nullish(),
  inputShape: shapeSchema.nullish(),
  input_shape: shapeSchema.nullish(),
  outputHeads: z.array(headSchema).nullish(),
  output_heads: z.array(headSchema).nullish(),
  d_in: width.nullish().describe('Features per row that callers send'),
}

/** A model in the form that is stored. */
export interface ModelSpec extends CommonSpec {
  narrative: string | null
  inputShape: z.output<typeof shapeSchema> | null
  blocks: z.output<typeof blockSchema>[]
  outputHeads: z.output<typeof headSchema>[]
  d_in: number | null
}

/** A model as requests and files write it. */
export const modelInputSchema = z
  .looseObject(fields)
  .transform((input, ctx): ModelSpec => {
    const blocks = input.blocks ?? []
    return {
      ...readCommon(input, fields, ctx),
      narrative: input.narrative ?? null,
      inputShape: input.inputShape ?? input.input_shape ?? null,
      blocks,
      outputHeads: input.outputHeads ?? input.output_heads ?? [],
      d_in: input.d_in ?? widthOf(blocks),
    }
  })
  .meta({
    id: 'ModelDraft',
    description: 'A version of a model. `input_shape` and `output_heads` are read as well',
    examples: [
      {
        name: 'Small transformer',
        slug: 'small',
        version: '1.0.0',
        blocks: [
          { type: 'tabular_embedder', config: { d_in: 4, d_model: 64 } },
          { type: 'transformer_encoder', config: { n_heads: 4, n_layers: 2 } },
          { type: 'quantile_head' },
        ],
        outputHeads: [{ name: 'y', task: 'regression' }],
      },
    ],
  })

/**
 * The width of a row that the first block declares; null when it is fixed by training alone. Blocks after it see vectors,
 * whose width is none that callers know.
 */
function widthOf(blocks: ModelSpec['blocks']): number | null {
  return width.safeParse(blocks[0]?.config?.['d_in']).data ?? null
}
