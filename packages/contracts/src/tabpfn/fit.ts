/** `POST /tabpfn/fit` in the flat dialect (tabpfn-api section 5). Explicit nulls mean "not set". */
import { z } from 'zod'
import { tabpfnConfigSchema } from './config.ts'
import { requestIdSchema, responseIdSchema } from './ids.ts'
import { taskSchema } from './task.ts'

export const TABPFN_SYSTEMS = ['preprocessing', 'text', 'thinking'] as const

export const tabpfnSystemSchema = z.enum(TABPFN_SYSTEMS)

export type TabpfnSystem = z.infer<typeof tabpfnSystemSchema>

export const fitRequestSchema = z
  .object({
    train_set_upload_id: requestIdSchema,
    task: taskSchema,
    tabpfn_systems: z.array(tabpfnSystemSchema).nullish().describe('Default preprocessing and text'),
    tabpfn_config: tabpfnConfigSchema.nullish(),
    thinking_effort: z.enum(['medium', 'high']).nullish(),
    thinking_timeout_s: z.number().positive().nullish(),
    thinking_effort_metric: z.string().nullish(),
    force_refit: z
      .boolean()
      .nullish()
      .describe('Fit again although the same fit exists; default false: the earlier id is answered'),
  })
  .meta({ id: 'FitRequest' })

export type FitRequest = z.infer<typeof fitRequestSchema>

export const FIT_STATUSES = ['pending', 'completed', 'failed'] as const

export type FitStatus = (typeof FIT_STATUSES)[number]

export const fitResponseSchema = z
  .object({ fitted_train_set_id: responseIdSchema, status: z.enum(FIT_STATUSES) })
  .meta({ id: 'FitResponse' })

export type FitResponse = z.infer<typeof fitResponseSchema>
