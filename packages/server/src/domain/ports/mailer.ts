/** A message in plain text. */
export interface Mail {
  to: string
  subject: string
  text: string
}

/** Sends mail. Slow and unreliable by nature: no request waits for it. */
export interface Mailer {
  /** Whether people receive the messages; false when they only go to the log. */
  readonly isReal: boolean
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}
