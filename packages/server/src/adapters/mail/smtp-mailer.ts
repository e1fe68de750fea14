import { createTransport, type Transporter } from 'nodemailer'
import type { Mail, Mailer } from '../../domain/ports/mailer.ts'

const CONNECT_TIMEOUT_MS = 15_000
const SOCKET_TIMEOUT_MS = 30_000

/** Sends through an SMTP server; only the one that the operator named is ever contacted. */
export class SmtpMailer implements Mailer {
  readonly isReal = true
  readonly #transport: Transporter
  readonly #from: string

  /**
   * @param url `smtp://user:password@host:port`, or `smtps://` for TLS from the start
   * @param from the sender of every message
   */
  constructor(url: string, from: string) {
    this.#from = from
    this.#transport = createTransport({
      url,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      // Messages are texts of ours: nothing in them is read from a file or fetched from a URL.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    // As an object the address is taken as it is, and never as a list.
    await this.#transport.sendMail({ from: this.#from, to: { name: '', address: to }, subject, text })
  }

  async close(): Promise<void> {
    this.#transport.close()
  }
}
