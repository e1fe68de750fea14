/** API tokens of an account, and accounts for administrators. These routes are Posterior's own. */
import { z } from 'zod'
import { requestIdSchema, responseIdSchema } from '../tabpfn/ids.ts'
import { emailSchema } from './auth.ts'

/** Most tokens of one account. */
export const MAX_TOKENS = 100

const time = z.iso.datetime().describe('UTC')

export const tokenSchema = z
  .object({
    id: responseIdSchema,
    label: z.string(),
    kind: z.enum(['api', 'login', 'preset']).describe('Made by hand, by a login, or set by the operator'),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable().describe('To the hour'),
  })
  .meta({ id: 'Token', description: 'An API token, without its text' })

export type TokenDescription = z.infer<typeof tokenSchema>

export const tokenListSchema = z.object({ tokens: z.array(tokenSchema) }).meta({ id: 'TokenList' })

export const createTokenRequestSchema = z
  .strictObject({
    label: z.string().trim().min(1, 'is empty').max(100, 'must have at most 100 characters'),
    expires_in_days: z.int().min(1).max(3650).nullish().describe('Default: never expires'),
  })
  .meta({ id: 'CreateTokenRequest', examples: [{ label: 'notebook', expires_in_days: 90 }] })

export const createdTokenSchema = tokenSchema
  .extend({ token: z.string().describe('The token itself, shown this once') })
  .meta({ id: 'CreatedToken' })

const tokenId = requestIdSchema.describe('Id of the token, as the list has it')
const userId = requestIdSchema.describe('Id of the account')

export const tokenIdSchema = z.object({ tokenId })

export const userSchema = z
  .object({
    id: responseIdSchema,
    name: z.string(),
    email: z.string().nullable(),
    is_verified: z.boolean().describe('Whether the address is known to be theirs'),
    is_admin: z.boolean(),
    created_at: time,
  })
  .meta({ id: 'User', description: 'An account' })

export type UserDescription = z.infer<typeof userSchema>

export const userListSchema = z.object({ users: z.array(userSchema) }).meta({ id: 'UserList' })

export const createUserRequestSchema = z
  .strictObject({
    email: emailSchema.nullish().describe('Needed to log in; an account without one only has tokens'),
    name: z.string().trim().min(1, 'is empty').max(200).nullish().describe('Default: the address'),
    is_admin: z.boolean().nullish(),
  })
  .meta({
    id: 'CreateUserRequest',
    description: 'An account with an address, a name, or both',
    examples: [{ email: 'ada@example.org', name: 'Ada Lovelace' }],
  })

export const createdUserSchema = userSchema
  .extend({ token: z.string().describe('API token of the account, shown this once') })
  .meta({ id: 'CreatedUser' })

export const userIdSchema = z.object({ userId })

export const userTokenIdSchema = z.object({ userId, tokenId })

export const resetLinkSchema = z
  .object({
    reset_url: z.string().describe('Opens a page to set a new password; works once'),
    expires_at: time,
  })
  .meta({ id: 'ResetLink' })
