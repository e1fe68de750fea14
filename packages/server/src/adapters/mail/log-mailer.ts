import type { Mail, Mailer } from '../../domain/ports/mailer.ts'
import type { Log } from '../../domain/ports/system.ts'

/**
 * Without an SMTP server the operator is the post: messages are written to the log, links included, for them to pass on.
 * Whoever reads the log could use such a link, which is why this is the only place where one is written.
 */
export class LogMailer implements Mailer {
  readonly isReal = false
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    this.#log.warn({ mail: { to, subject, text } }, 'no SMTP server is set; this message was not sent')
  }

  async close(): Promise<void> {}
}
