/** Password hashing. Slow on purpose, so it never runs on the event loop and only a few run at a time. */
export interface PasswordHasher {
  /**
   * @returns a text that holds the parameters, the salt and the hash
   * @throws AppError SERVER_BUSY when too many wait
   */
  hash(password: string): Promise<string>
  /**
   * Check a password; without a stored hash the answer is no, after the same work.
   *
   * @throws AppError SERVER_BUSY when too many wait
   */
  verify(password: string, stored: string | null): Promise<PasswordCheck>
}

export interface PasswordCheck {
  isCorrect: boolean
  /** The hash was made with weaker parameters than those of today; hash the password again. */
  isOutdated: boolean
}
