/** Settings of accounts and mail; part of the table in `settings.ts`. */
import { z } from 'zod'
import { flag, integer, optionalFlag, optionalText, type Setting } from './setting.ts'

export const ACCOUNT_SETTINGS = {
  isRegistrationOpen: flag(
    'POSTERIOR_OPEN_REGISTRATION',
    false,
    'Let people register by themselves; otherwise `posterior users add` makes accounts.',
  ),
  isVerificationRequired: optionalFlag(
    'POSTERIOR_REQUIRE_VERIFIED_EMAIL',
    'true with an SMTP server, else false',
    'Whether a registered account must verify its e-mail address before it may use the API.',
  ),
  loginTokenDays: integer(
    'POSTERIOR_LOGIN_TOKEN_DAYS',
    [0, 3650],
    90,
    'days',
    'How long the token of a login works; 0 for ever.',
  ),
  smtpUrl: {
    env: 'POSTERIOR_SMTP_URL',
    schema: z
      .string()
      .refine((url) => /^smtps?:\/\/[^/]/.test(url) && URL.canParse(url), {
        error: 'expected smtp://USER:PASSWORD@HOST:PORT or smtps://...',
      })
      .optional(),
    shown: 'messages go to the log',
    unit: 'URL',
    meaning:
      'Mail server for verification and password links; needs POSTERIOR_MAIL_FROM and POSTERIOR_PUBLIC_URL.',
    isSecret: true,
  },
  mailFrom: optionalText(
    'POSTERIOR_MAIL_FROM',
    'none',
    'Sender of messages, such as Posterior <posterior@example.org>.',
  ),
  greeting: optionalText(
    'POSTERIOR_GREETING',
    'none',
    'Message that clients print when a user begins to work.',
  ),
} as const satisfies Record<string, Setting<z.ZodType>>

/** What does not fit together among the settings, one line each. */
export function accountProblems(settings: {
  smtpUrl?: string | undefined
  mailFrom?: string | undefined
  publicUrl?: string | undefined
  isVerificationRequired?: boolean | undefined
}): string[] {
  if (settings.smtpUrl === undefined) return []
  const problems: string[] = []
  if (settings.mailFrom === undefined) {
    problems.push('POSTERIOR_MAIL_FROM: expected because POSTERIOR_SMTP_URL is set, got nothing')
  }
  if (settings.publicUrl === undefined) {
    problems.push('POSTERIOR_PUBLIC_URL: expected because links in messages are made from it, got nothing')
  }
  return problems
}
