/** Share links: a brain that whoever has the link may ask, without an account (pfn-studio section 2.1). */
import { z } from 'zod'
import { requestIdSchema, responseIdSchema } from '../tabpfn/ids.ts'
import { brainInputsSchema } from './brain.ts'
import { studioNameSchema } from './ids.ts'
import { runIdSchema } from './run.ts'

/** Most links of one run that still work. */
export const MAX_RUN_SHARES = 100

/** Longest life of a link that has an end. */
export const MAX_SHARE_DAYS = 3650

/** Most calls that a link may be limited to. */
export const MAX_SHARE_CALLS = 1_000_000_000

/** What one question through a link may hold: less than one of an account. */
export const SHARE_LIMITS = {
  context_rows: 10_000,
  query_rows: 2_000,
  cells: 200_000,
  horizon: 200,
  n_estimators: 4,
  body_bytes: 4_194_304,
} as const

const time = z.iso.datetime().describe('UTC')

export const createShareSchema = z
  .strictObject({
    label: studioNameSchema
      .pipe(z.string().max(100, 'must have at most 100 characters'))
      .nullish()
      .describe('To tell it from other links'),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullish()
      .describe('When it stops working; default: never by itself'),
    expires_in_days: z
      .number()
      .positive()
      .max(MAX_SHARE_DAYS)
      .nullish()
      .describe('Instead of `expires_at`; may be a fraction'),
    max_calls: z
      .int()
      .min(1)
      .max(MAX_SHARE_CALLS)
      .nullish()
      .describe('Answers that it gives before it stops working; default: any number'),
  })
  .refine((order) => order.expires_at == null || order.expires_in_days == null, {
    path: ['expires_in_days'],
    message: 'stands instead of expires_at; give one of them',
  })
  .meta({ id: 'CreateShare', examples: [{ label: 'For the lab', expires_in_days: 30, max_calls: 1000 }] })

export type ShareOrder = z.output<typeof createShareSchema>

export const shareSchema = z
  .object({
    id: responseIdSchema,
    run_id: responseIdSchema,
    label: z.string().nullable(),
    prefix: z.string().describe('First 12 characters of the token'),
    created_by: responseIdSchema.describe('The account that made it, which pays for its calls'),
    created_at: time,
    expires_at: time.nullable().describe('null: never by itself'),
    max_calls: z.int().nullable().describe('null: any number'),
    calls: z.int().describe('Answers so far'),
    last_used_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'Share', description: 'A share link, without its token' })

export type ShareDescription = z.infer<typeof shareSchema>

export const createdShareSchema = shareSchema
  .extend({
    token: z.string().describe('The token itself, shown this once'),
    url: z.string().describe('Where questions go: POST, without an Authorization header'),
  })
  .meta({ id: 'CreatedShare' })

export type CreatedShare = z.infer<typeof createdShareSchema>

export const shareListSchema = z
  .object({ shares: z.array(shareSchema).describe('Oldest first') })
  .meta({ id: 'ShareList' })

export const shareIdSchema = runIdSchema.extend({ shareId: requestIdSchema })

export const shareTokenSchema = z.object({
  token: z.string().min(1).max(200).describe('The token of a share link'),
})

/** What a form needs, and nothing else of the project. */
export const sharedBrainSchema = z
  .object({
    task: brainInputsSchema.shape.task.nullable(),
    d_in: brainInputsSchema.shape.d_in,
    inputs: brainInputsSchema
      .nullable()
      .describe('null for brains of earlier versions: rows of `d_in` features'),
    limits: z
      .object({
        context_rows: z.int(),
        query_rows: z.int(),
        cells: z.int().describe('Of context and query, each'),
        horizon: z.int(),
        n_estimators: z.int(),
        body_bytes: z.int(),
      })
      .describe('Of one question'),
  })
  .meta({ id: 'SharedBrain', description: 'What a shared brain takes' })

export type SharedBrain = z.infer<typeof sharedBrainSchema>
