import type { Mail, Mailer } from '../ports/mailer.ts'
import type { Log } from '../ports/system.ts'

/**
 * Messages on their way. Nobody waits for them: how long an answer takes must not tell whether a message was sent, and
 * what was stored stays stored when the mail server fails.
 */
export class PostRoom {
  readonly #mailer: Mailer
  readonly #log: Log
  readonly #underway = new Set<Promise<void>>()

  constructor(mailer: Mailer, log: Log) {
    this.#mailer = mailer
    this.#log = log
  }

  /** Send in the background; a failure is logged, without the text, which holds a link. */
  post(mail: Mail): void {
    const sending = this.#mailer
      .send(mail)
      .catch((err: unknown) => {
        this.#log.error({ err, subject: mail.subject }, 'a message could not be sent')
      })
      .finally(() => this.#underway.delete(sending))
    this.#underway.add(sending)
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway)
  }
}
