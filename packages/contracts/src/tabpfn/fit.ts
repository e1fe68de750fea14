/** Fits, at once or as a job (tabpfn-api section 5). Explicit nulls mean "not set". */
import { z } from 'zod'
import { tabpfnConfigSchema } from './config.ts'
import { requestIdSchema, responseIdSchema } from './ids.ts'
import { taskSchema } from './task.ts'
import { thinkingEffortSchema } from './thinking.ts'

export const TABPFN_SYSTEMS = ['preprocessing', 'text', 'thinking'] as const

export const tabpfnSystemSchema = z.enum(TABPFN_SYSTEMS)

const metricSchema = z.string().max(100).nullish()

const THINKING = {
  effort: 'How many settings are tried; default medium',
  seconds: 'Time that the fit may take, up to the most that this server allows; default by effort',
  metric: 'What to be good at; default log_loss, or root_mean_squared_error for regression',
}

export type TabpfnSystem = z.infer<typeof tabpfnSystemSchema>

/** What a nested request says about the task; `tabpfn_config` as in the flat form. */
export const fitTaskConfigSchema = z
  .object({ task: taskSchema, tabpfn_config: tabpfnConfigSchema.nullish() })
  .meta({ id: 'FitTaskConfig' })

/** Thinking mode of the nested form. */
export const thinkingConfigSchema = z
  .object({
    effort: thinkingEffortSchema.nullish().describe(THINKING.effort),
    timeout_secs: z.number().positive().nullish().describe(THINKING.seconds),
    metric: metricSchema.describe(THINKING.metric),
  })
  .meta({ id: 'ThinkingConfig' })

/** Fields that every form of a fit request has. */
const shared = {
  train_set_upload_id: requestIdSchema,
  tabpfn_systems: z
    .array(tabpfnSystemSchema)
    .nullish()
    .describe('Default preprocessing and text; thinking turns thinking on'),
  text_handling: z
    .enum(['advanced', 'simple'])
    .nullish()
    .describe('Accepted: text columns are handled in one way here'),
}

/**
 * Either form: flat (`task`, `tabpfn_config`, `thinking_effort`, ...) or nested (`task_config`, `thinking_config`). One
 * object rather than a union, so that what is wrong is said of the field and not of the whole body.
 */
export const fitRequestSchema = z
  .object({
    ...shared,
    task: taskSchema.nullish().describe('Flat form: required'),
    tabpfn_config: tabpfnConfigSchema.nullish().describe('Flat form'),
    task_config: fitTaskConfigSchema.nullish().describe('Nested form: required'),
    thinking_effort: thinkingEffortSchema
      .nullish()
      .describe(`Flat form: turns thinking on. ${THINKING.effort}`),
    thinking_timeout_s: z.number().positive().nullish().describe(THINKING.seconds),
    thinking_effort_metric: metricSchema.describe(THINKING.metric),
    thinking_metric: metricSchema.describe('The same as thinking_effort_metric'),
    thinking_config: thinkingConfigSchema.nullish(),
    force_refit: z
      .boolean()
      .nullish()
      .describe('Fit again although the same fit exists; default false: the earlier id is answered'),
    async_mode: z.boolean().nullish().describe('Answer at once with status "pending"; default false'),
  })
  .superRefine((body, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (!body.task_config) {
      if (body.task == null) refuse('task', 'expected "classification" or "regression"')
      return
    }
    if (body.task != null && body.task !== body.task_config.task)
      refuse('task', 'differs from task_config.task')
    if (body.tabpfn_config != null) refuse('tabpfn_config', 'belongs into task_config when that is given')
  })
  .meta({
    id: 'FitRequest',
    examples: [
      {
        train_set_upload_id: '6f1c1f0e-4a52-4d0b-8a0e-0c3f5f6f2b57',
        task: 'classification',
        tabpfn_config: { n_estimators: 8, random_state: 0 },
      },
      {
        train_set_upload_id: '6f1c1f0e-4a52-4d0b-8a0e-0c3f5f6f2b57',
        task_config: { task: 'regression', tabpfn_config: { n_estimators: 4 } },
        async_mode: true,
      },
    ],
  })

export type FitRequest = z.infer<typeof fitRequestSchema>

export const FIT_STATUSES = ['pending', 'completed', 'failed'] as const

export type FitStatus = (typeof FIT_STATUSES)[number]

export const fitResponseSchema = z
  .object({ fitted_train_set_id: responseIdSchema, status: z.enum(FIT_STATUSES) })
  .meta({ id: 'FitResponse' })

export type FitResponse = z.infer<typeof fitResponseSchema>

export const submitFitJobRequestSchema = z
  .object({
    ...shared,
    task_config: fitTaskConfigSchema,
    thinking_config: thinkingConfigSchema.nullish(),
  })
  .meta({
    id: 'SubmitFitJobRequest',
    examples: [
      {
        train_set_upload_id: '6f1c1f0e-4a52-4d0b-8a0e-0c3f5f6f2b57',
        task_config: { task: 'classification' },
      },
    ],
  })

export type SubmitFitJobRequest = z.infer<typeof submitFitJobRequestSchema>

export const submitFitJobResponseSchema = z
  .object({ fitted_train_set_id: responseIdSchema })
  .meta({ id: 'SubmitFitJobResponse' })

export const getFitStatusRequestSchema = z.object({ fitted_train_set_id: requestIdSchema }).meta({
  id: 'GetFitStatusRequest',
  examples: [{ fitted_train_set_id: '0b9d7c52-7b0e-4f6e-9a4e-9a7f1c2d3e4f' }],
})

/** A fit that failed is told with status 200: the question was answered. */
export const fitStatusResponseSchema = z
  .object({
    fitted_train_set_id: responseIdSchema,
    status: z.enum(FIT_STATUSES),
    retry_in_secs: z
      .number()
      .positive()
      .nullable()
      .describe('When to ask again; null once the fit has ended'),
    error: z.string().nullable().describe('Why the fit failed'),
    error_code: z.string().nullable().describe('Code of the error catalogue'),
  })
  .meta({ id: 'FitStatus' })

export type FitStatusResponse = z.infer<typeof fitStatusResponseSchema>
