/** What administrators do with accounts. */
import { AppError, invalidField } from '../app-error.ts'
import type { DataRemoval } from '../data/data-removal.ts'
import type { Account, AccountStore, TokenRecord } from '../ports/account-store.ts'
import type { AccessTokens, IssuedToken, TokenOrder } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import type { MailLinks } from './mail-links.ts'

export interface UserAdminDeps {
  store: AccountStore
  accounts: Accounts
  tokens: AccessTokens
  links: MailLinks
  removal: DataRemoval
}

/** Every method of an account throws AppError NOT_FOUND when there is no such account. */
export class UserAdmin {
  readonly #deps: UserAdminDeps

  constructor(deps: UserAdminDeps) {
    this.#deps = deps
  }

  /** Oldest first. */
  async list(): Promise<Account[]> {
    return this.#deps.store.list()
  }

  /**
   * Add an account; its address counts as verified, because the administrator vouches for it.
   *
   * @throws AppError EMAIL_TAKEN, REQUEST_VALIDATION_ERROR with neither an address nor a name
   */
  async add(user: {
    email?: string | null | undefined
    name?: string | null | undefined
    isAdmin?: boolean | null | undefined
  }): Promise<{ account: Account; token: string }> {
    const name = user.name ?? user.email
    if (!name) throw invalidField('email', 'is missing; give an address, a name, or both')
    return this.#deps.accounts.create(name, { email: user.email ?? null, isAdmin: user.isAdmin ?? false })
  }

  /** Delete an account with all that it has. @throws AppError LAST_ADMIN */
  async remove(userId: string): Promise<void> {
    await this.#deps.removal.removeAccount(userId)
  }

  /**
   * A link to set a password, to be passed on to the user.
   *
   * @throws AppError REQUEST_VALIDATION_ERROR for an account without an address, which could not log in anyway
   */
  async makeResetLink(userId: string): Promise<{ url: string; expiresAt: number }> {
    const account = await this.#require(userId)
    if (account.email === null) {
      throw invalidField('userId', 'has no e-mail address to log in with; make a token for it instead')
    }
    return this.#deps.links.makeResetLink(account)
  }

  async listTokens(userId: string): Promise<TokenRecord[]> {
    return this.#deps.tokens.list((await this.#require(userId)).id)
  }

  /** @throws AppError TOO_MANY_TOKENS */
  async issueToken(userId: string, order: TokenOrder): Promise<IssuedToken> {
    return this.#deps.tokens.issue((await this.#require(userId)).id, order)
  }

  /** @throws AppError NOT_FOUND also for a token of another account */
  async revokeToken(userId: string, tokenId: string): Promise<void> {
    await this.#deps.tokens.revoke((await this.#require(userId)).id, tokenId)
  }

  async #require(userId: string): Promise<Account> {
    const account = await this.#deps.store.find(userId)
    if (!account) throw new AppError('NOT_FOUND', { params: { what: `User ${userId}` } })
    return account
  }
}
