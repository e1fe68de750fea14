/** The API tokens of an account. The text of a token is answered when it is made, and never again. */
import { MAX_TOKENS } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { AccountStore, TokenKind, TokenRecord } from '../ports/account-store.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { hashToken } from './tokens.ts'

/** Characters of a token that are kept and shown; the rest stays unguessable. */
const PREFIX_LENGTH = 12

/** A text that an operator chose may be short; then too much of it would be shown. */
const LEAST_PREFIXED = 32

/** What a new token is called, and how long it works (null: for ever). */
export interface TokenOrder {
  label: string
  kind: TokenKind
  lifetimeMs: number | null
}

/** A new token with its text. */
export interface IssuedToken {
  record: TokenRecord
  text: string
}

export class AccessTokens {
  readonly #store: AccountStore
  readonly #clock: Clock
  readonly #ids: Ids

  constructor(deps: { store: AccountStore; clock: Clock; ids: Ids }) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#ids = deps.ids
  }

  /** Those that have not expired, oldest first. */
  async list(accountId: string): Promise<TokenRecord[]> {
    const now = this.#clock.now()
    return (await this.#store.listTokens(accountId)).filter((token) => !hasExpired(token, now))
  }

  /**
   * A new token. When the account has as many as it may, expired ones are removed, and the oldest login makes room for a
   * new one.
   *
   * @throws AppError TOO_MANY_TOKENS; UNAUTHORIZED when the account is gone
   */
  async issue(accountId: string, order: TokenOrder): Promise<IssuedToken> {
    await this.#makeRoom(accountId, order.kind)
    const issued = this.make(order)
    if (!(await this.#store.insertToken(accountId, issued.record))) throw new AppError('UNAUTHORIZED')
    return issued
  }

  /** A token that is not stored yet. */
  make({ label, kind, lifetimeMs }: TokenOrder, text: string = this.#ids.newToken()): IssuedToken {
    const createdAt = this.#clock.now()
    const record: TokenRecord = {
      id: this.#ids.newId(),
      hash: hashToken(text),
      label,
      kind,
      createdAt,
      expiresAt: lifetimeMs === null ? null : createdAt + lifetimeMs,
      lastUsedAt: null,
      prefix: text.length >= LEAST_PREFIXED ? text.slice(0, PREFIX_LENGTH) : null,
    }
    return { record, text }
  }

  /** @throws AppError NOT_FOUND when the account has no such token */
  async revoke(accountId: string, tokenId: string): Promise<void> {
    if (await this.#store.removeToken(accountId, tokenId)) return
    throw new AppError('NOT_FOUND', { params: { what: `Token ${tokenId}` } })
  }

  async #makeRoom(accountId: string, kind: TokenKind): Promise<void> {
    const tokens = await this.#store.listTokens(accountId)
    if (tokens.length < MAX_TOKENS) return
    const now = this.#clock.now()
    const expired = tokens.filter((token) => hasExpired(token, now))
    for (const { id } of expired) await this.#store.removeToken(accountId, id)
    if (tokens.length - expired.length < MAX_TOKENS) return
    const oldestLogin = tokens.find((token) => token.kind === 'login')
    if (kind !== 'login' || !oldestLogin)
      throw new AppError('TOO_MANY_TOKENS', { params: { count: MAX_TOKENS } })
    await this.#store.removeToken(accountId, oldestLogin.id)
  }
}

/** Whether a token no longer works at `now`. */
export function hasExpired({ expiresAt }: Pick<TokenRecord, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}
