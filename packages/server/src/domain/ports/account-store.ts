/** Accounts, their tokens, and the links that are sent to them. Secrets are kept as hashes alone. */

export interface Account {
  id: string
  /** What people see; not unique. */
  name: string
  /** Normalised and unique; null for an account that only has tokens. */
  email: string | null
  /** Whether the address is known to be the owner's. */
  isVerified: boolean
  isAdmin: boolean
  createdAt: number
}

/** An account with what a login is checked against. */
export interface Credentials {
  account: Account
  /** PHC string; null for an account that cannot log in. */
  passwordHash: string | null
}

/** `api`: made by hand; `login`: made by a login or a registration; `preset`: set by the operator. */
export type TokenKind = 'api' | 'login' | 'preset'

/** A token as it is kept: only the SHA-256 (hex) of its text. Times are milliseconds since 1970. */
export interface TokenRecord {
  id: string
  hash: string
  label: string
  kind: TokenKind
  createdAt: number
  /** Null: never. */
  expiresAt: number | null
  /** To the hour; null: never. */
  lastUsedAt: number | null
  /** First characters of its text, to tell it from others; null for tokens of earlier versions. */
  prefix: string | null
}

export type LinkPurpose = 'verify_email' | 'reset_password'

/** A link that was sent; it works once. */
export interface MailLink {
  /** SHA-256 (hex) of the code in the link. */
  hash: string
  accountId: string
  purpose: LinkPurpose
  expiresAt: number
}

export interface AccountStore {
  /**
   * Account, password and first token, all or nothing, so that no account is left that nobody can use.
   *
   * @returns false when the e-mail address has an account already; nothing is stored then
   */
  insert(account: Account, secrets: { passwordHash: string | null; token: TokenRecord }): Promise<boolean>
  /** The oldest administrator. */
  findAdmin(): Promise<Account | undefined>
  find(id: string): Promise<Account | undefined>
  /** @param email normalised */
  findByEmail(email: string): Promise<Credentials | undefined>
  /** Oldest first. */
  list(): Promise<Account[]>
  /** Set the password and take the address as verified: whoever has the link reads the mail. */
  setPassword(accountId: string, passwordHash: string): Promise<void>
  /** Store the same password under a new hash, unless it was changed meanwhile. */
  replacePasswordHash(accountId: string, hashes: { from: string; to: string }): Promise<void>
  markVerified(accountId: string): Promise<void>

  /** The account and the token whose text has this SHA-256, hex; also when it has expired. */
  findByTokenHash(hash: string): Promise<{ account: Account; token: TokenRecord } | undefined>
  /** @returns false when the account is gone */
  insertToken(accountId: string, token: TokenRecord): Promise<boolean>
  /** In one transaction: remove the account's preset tokens, add this one. */
  replacePresetToken(accountId: string, token: TokenRecord): Promise<void>
  /** Oldest first. */
  listTokens(accountId: string): Promise<TokenRecord[]>
  markTokenUsed(tokenId: string, at: number): Promise<void>
  /** @returns whether the account had this token */
  removeToken(accountId: string, tokenId: string): Promise<boolean>
  /** Remove the account's tokens of this kind. */
  removeTokens(accountId: string, kind: TokenKind): Promise<void>

  /** Store a link in place of the account's earlier one for the same purpose. @returns false when the account is gone */
  putLink(link: MailLink): Promise<boolean>
  /** The account of a link that still works at `now`. */
  findLink(hash: string, purpose: LinkPurpose, now: number): Promise<Account | undefined>
  /** Use a link up. @returns its account, once; undefined when it does not work (any more) at `now` */
  takeLink(hash: string, purpose: LinkPurpose, now: number): Promise<Account | undefined>
}
