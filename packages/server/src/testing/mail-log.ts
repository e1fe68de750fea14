/** A log whose messages to users can be read: without a mail server they are written there. */
import { type Logger, pino } from 'pino'
import type { Mail } from '../domain/ports/mailer.ts'

export interface MailLog {
  log: Logger
  /** Messages so far. */
  mails: Mail[]
  /** Lines so far, as they would be in the log. */
  lines: string[]
}

/** A new log; nothing is printed. */
export function mailLog(): MailLog {
  const mails: Mail[] = []
  const lines: string[] = []
  const write = (line: string) => {
    lines.push(line)
    const { mail } = JSON.parse(line) as { mail?: Mail }
    if (mail) mails.push(mail)
  }
  return { log: pino({ level: 'info' }, { write }), mails, lines }
}

/** The code of the link in a message. */
export function codeIn(mail: Mail | undefined): string {
  const code = /\?token=([\w-]+)/.exec(mail?.text ?? '')?.[1]
  if (!code) throw new Error(`there is no link in ${JSON.stringify(mail)}`)
  return code
}
