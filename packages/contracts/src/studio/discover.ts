/** Causal discovery: a whole table in, the graph behind its columns out. */
import { z } from 'zod'

/** Rows and columns of a table whose graph is asked for. */
export const MAX_DISCOVERY_ROWS = 2_000
export const MAX_DISCOVERY_COLUMNS = 64

const cellSchema = z.number().nullable()

export const discoverBodySchema = z
  .strictObject({
    X: z
      .array(z.array(cellSchema).min(2).max(MAX_DISCOVERY_COLUMNS))
      .min(2)
      .max(MAX_DISCOVERY_ROWS)
      .describe('Rows of numbers, all of one width; null = missing'),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .nullish()
      .describe('Probability from which `adjacency` and `edges` have an edge; default 0.5'),
  })
  .meta({
    id: 'Discover',
    examples: [
      {
        X: [
          [0.1, 0.4, 2],
          [1.2, 2.6, -1],
          [-0.3, -0.5, 0.5],
        ],
        threshold: 0.5,
      },
    ],
  })

const matrixOf = (cell: z.ZodType<number>) => z.array(z.array(cell))

export const discoverySchema = z
  .object({
    task: z.literal('discovery'),
    probabilities: matrixOf(z.number()).describe(
      'Of an edge from the column of the row to the column of the column; 0 on the diagonal',
    ),
    threshold: z.number(),
    adjacency: matrixOf(z.int()).describe('1 where the probability reaches the threshold'),
    edges: z
      .array(z.object({ from: z.int(), to: z.int(), probability: z.number() }))
      .describe('The same as a list of columns, counted from 0, the most probable first'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Discovery', description: 'The graph behind the columns of a table' })

export type Discovery = z.infer<typeof discoverySchema>
