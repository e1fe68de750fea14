/** API tokens as programs of the studio know them (pfn-studio section 3.3); the tokens are those of `/auth/tokens`. */
import { z } from 'zod'
import { requestIdSchema, responseIdSchema } from '../tabpfn/ids.ts'
import { studioNameSchema } from './ids.ts'

const time = z.iso.datetime().describe('UTC')

export const apiTokenSchema = z
  .object({
    id: responseIdSchema,
    name: z.string(),
    prefix: z.string().nullable().describe('First 12 characters; null for tokens of earlier versions'),
    scopes: z.array(z.literal('pat')),
    expiresAt: time.nullable().describe('null: never'),
    createdAt: time,
  })
  .meta({ id: 'ApiToken', description: 'An API token, without its text' })

export type ApiTokenDescription = z.infer<typeof apiTokenSchema>

export const apiTokenListSchema = z.object({ tokens: z.array(apiTokenSchema) }).meta({ id: 'ApiTokenList' })

export const createApiTokenSchema = z
  .strictObject({
    name: studioNameSchema.pipe(z.string().max(100, 'must have at most 100 characters')),
    expiresInDays: z.int().min(1).max(3650).nullish().describe('Default: never expires'),
  })
  .meta({ id: 'CreateApiToken', examples: [{ name: 'notebook', expiresInDays: 90 }] })

export const createdApiTokenSchema = apiTokenSchema
  .extend({ token: z.string().describe('The token itself, shown this once') })
  .meta({ id: 'CreatedApiToken' })

export const apiTokenIdSchema = z.object({ tokenId: requestIdSchema })
