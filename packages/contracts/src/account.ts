/** What clients ask about the account of their token (tabpfn-api section 8). */
import { z } from 'zod'

const count = z.int().min(0)

export const protectedResponseSchema = z
  .object({ message: z.string() })
  .meta({ id: 'Protected', description: 'The token is valid' })

export const greetingMessagesSchema = z
  .object({ messages: z.array(z.string()) })
  .meta({ id: 'GreetingMessages', description: 'News for the user; clients print each one' })

const time = z.iso.datetime().describe('UTC, such as 2026-11-23T00:00:00Z')
const limit = z.int().min(-1).describe('-1: unlimited')

export const apiUsageSchema = z
  .object({
    current_usage: count.describe(
      'Tokens used of the pool with the least left; the daily one if none is limited',
    ),
    usage_limit: limit.describe('Tokens of that pool; -1: unlimited'),
    reset_time: time.describe('When that pool is filled again, UTC'),
    daily_tokens_used: count,
    daily_token_limit: limit,
    daily_reset_time: time,
    monthly_tokens_used: count,
    monthly_token_limit: limit,
    monthly_reset_time: time,
    monthly_thinking_fits_used: count,
    monthly_thinking_fit_limit: limit,
    daily_training_minutes_used: z.number().min(0).describe('Training on this server'),
    daily_training_minute_limit: limit,
  })
  .meta({ id: 'ApiUsage', description: 'What the account has used of its pools' })

export type ApiUsage = z.infer<typeof apiUsageSchema>

export const dataSummarySchema = z
  .object({
    train_sets: count.describe('Training sets that were prepared'),
    test_sets: count.describe('Test sets that were prepared'),
    uploaded_bytes: count.describe('Bytes of the files that arrived completely'),
    fitted_models: count.describe('Fits that are completed'),
  })
  .meta({ id: 'DataSummary', description: 'What the account keeps on this server' })

export type DataSummary = z.infer<typeof dataSummarySchema>
