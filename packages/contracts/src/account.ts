/** What clients ask about the account of their token (tabpfn-api section 8). */
import { z } from 'zod'

const count = z.int().min(0)

export const protectedResponseSchema = z
  .object({ message: z.string() })
  .meta({ id: 'Protected', description: 'The token is valid' })

export const greetingMessagesSchema = z
  .object({ messages: z.array(z.string()) })
  .meta({ id: 'GreetingMessages', description: 'News for the user; clients print each one' })

/** Clients read -1 as "unlimited". */
const UNLIMITED = z.literal(-1)

/** Nothing is charged on this server, so that the usage is zero of an unlimited pool that is never reset. */
export const apiUsageSchema = z
  .object({
    current_usage: z.literal(0),
    usage_limit: UNLIMITED,
    reset_time: z.null(),
    daily_tokens_used: z.literal(0),
    daily_token_limit: UNLIMITED,
    monthly_tokens_used: z.literal(0),
    monthly_token_limit: UNLIMITED,
  })
  .meta({ id: 'ApiUsage', description: 'Credits charged to the account; this server charges none' })

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
