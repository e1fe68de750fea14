/** Time, randomness and logging come in as arguments, so that tests decide them. */

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number
}

export interface Ids {
  /** A new RFC 9562 UUID. */
  newId(): string
  /** A new API token: unguessable, printable, safe in a header. */
  newToken(): string
  /** A new token of a runner: `psr_` and 48 hexadecimal digits. */
  newRunnerToken(): string
  /** A new token of a share link, as unguessable. */
  newShareToken(): string
  /** A new code for a link: unguessable, safe in a URL. */
  newCode(): string
}

/** The part of a structured logger that the domain uses. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}
