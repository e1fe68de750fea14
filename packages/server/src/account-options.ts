/** From settings to what accounts need: the rules, and where mail goes. */
import { LogMailer } from './adapters/mail/log-mailer.ts'
import type { Config } from './config.ts'
import type { Mailer } from './domain/ports/mailer.ts'
import type { Log } from './domain/ports/system.ts'
import type { AccountOptions } from './domain/services.ts'

const DAY_MS = 86_400_000

/** @param listenUrl where the server listens, for links when no public URL is set */
export function accountOptions(config: Config, listenUrl: () => string): AccountOptions {
  return {
    isRegistrationOpen: config.isRegistrationOpen,
    // Without mail nobody but the operator could pass a link on, so that asking for one is a decision to make.
    isVerificationRequired: config.isVerificationRequired ?? config.smtpUrl !== undefined,
    loginLifetimeMs: config.loginTokenDays === 0 ? null : config.loginTokenDays * DAY_MS,
    publicUrl: () => config.publicUrl ?? listenUrl(),
  }
}

/** The mail server of the settings, whose library is loaded only for it, or the log. */
export async function openMailer({ smtpUrl, mailFrom }: Config, log: Log): Promise<Mailer> {
  if (smtpUrl === undefined || mailFrom === undefined) return new LogMailer(log)
  const { SmtpMailer } = await import('./adapters/mail/smtp-mailer.ts')
  return new SmtpMailer(smtpUrl, mailFrom)
}
