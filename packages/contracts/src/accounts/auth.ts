/** Registration, login, and what is done by mail (tabpfn-api section 8). */
import { z } from 'zod'

/** An address as it is stored and compared: without spaces around it, in lower case. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(
    z.email('must be an e-mail address such as ada@example.org').max(254, 'must have at most 254 characters'),
  )

/** Bounds what is hashed; the policy itself is checked where passwords are set. */
const passwordSchema = z.string().max(1024, 'must have at most 1024 characters')

const nameSchema = z.string().trim().max(200, 'must have at most 200 characters').nullish()

export const passwordPolicySchema = z
  .object({ requirements: z.array(z.string().regex(/^\w+\(\d+\)$/)) })
  .meta({ id: 'PasswordPolicy', description: 'Rules for passwords, each as Name(least count)' })

export const emailQuerySchema = z.object({ email: emailSchema.describe('The e-mail address') })

/** Clients send more (company, role, consent, ...); it is accepted and not kept. */
export const registerRequestSchema = z
  .looseObject({
    email: emailSchema,
    password: passwordSchema,
    password_confirm: passwordSchema,
    first_name: nameSchema,
    last_name: nameSchema,
  })
  .meta({
    id: 'RegisterRequest',
    examples: [
      {
        email: 'ada@example.org',
        password: 'Correct-horse-1',
        password_confirm: 'Correct-horse-1',
        first_name: 'Ada',
        last_name: 'Lovelace',
      },
    ],
    description: 'A new account. Fields beside these are accepted and not kept',
  })

export type RegisterRequest = z.infer<typeof registerRequestSchema>

export const registerResponseSchema = z
  .object({ message: z.string(), token: z.string().describe('API token, shown this once') })
  .meta({ id: 'RegisterResponse', description: 'The account exists' })

/** The form of OAuth 2's password grant; fields beside these are accepted and not used. */
export const loginRequestSchema = z
  .looseObject({
    grant_type: z.literal('password', 'must be "password"').nullish(),
    username: emailSchema.describe('The e-mail address'),
    password: passwordSchema,
  })
  .meta({
    id: 'LoginRequest',
    description: 'Form fields of a login',
    examples: [{ grant_type: 'password', username: 'ada@example.org', password: 'Correct-horse-1' }],
  })

export const loginResponseSchema = z
  .object({
    access_token: z.string().describe('API token, shown this once'),
    token_type: z.literal('bearer'),
    expires_in: z.int().nullable().describe('Seconds until the token expires; null for never'),
  })
  .meta({ id: 'LoginResponse', description: 'A token for this login' })

const codeSchema = z.string().min(1, 'is empty').max(200, 'must have at most 200 characters')

export const verifyEmailQuerySchema = z.object({
  token: codeSchema.describe('The code from the message'),
  access_token: z.string().max(1024).optional().describe('Sent by clients; not needed'),
})

export const resetPasswordQuerySchema = z.object({ token: codeSchema.describe('The code from the link') })

export const resetPasswordRequestSchema = z
  .object({ token: codeSchema, password: passwordSchema, password_confirm: passwordSchema })
  .meta({ id: 'ResetPasswordRequest', description: 'A new password, with the code from the link' })
