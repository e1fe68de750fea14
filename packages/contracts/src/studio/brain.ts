/** What a brain takes, so that a form or a program can ask it: shown with its run and with a share link. */
import { z } from 'zod'
import { STUDIO_TASKS } from './predict.ts'

/** How rows of a caller become rows of the model. */
export const BRAIN_INPUT_KINDS = ['rows', 'series', 'calendar', 'groups', 'flips', 'table'] as const

const range = z.tuple([z.int(), z.int()])

export const brainInputsSchema = z
  .object({
    kind: z
      .enum(BRAIN_INPUT_KINDS)
      .describe(
        '`rows`: as they are; `series`: one column of past values, or rows of lags; `calendar`: one column of past values, of ' +
          'which the brain sees when each was; `groups`: one column that names the group of a row; `flips`: the outcomes ' +
          'alone, the column tells nothing; `table`: a whole table, whose graph is the answer',
      ),
    task: z.enum([...STUDIO_TASKS, 'discovery']),
    d_in: z.int().nullable().describe('Features per row that callers send; null when it varies'),
    columns: range.describe('Features per row that callers send, least and most'),
    model_columns: range.describe('Columns of the model for them, least and most'),
    rows: range.describe('Context rows that it was trained with, least and most'),
    classes: range.nullable().describe('Classes that it was trained with, least and most; null for numbers'),
    lags: range.nullable().describe('Past values in each row of a series'),
    season: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe('Steps of the season that a series was trained with, least and most'),
    groups: z.int().nullable().describe('Groups that it was trained with, at most'),
  })
  .meta({ id: 'BrainInputs', description: 'What a brain takes' })

export type BrainInputs = z.infer<typeof brainInputsSchema>
