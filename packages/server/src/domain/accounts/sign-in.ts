/**
 * Registration and login. An unknown address, a wrong password and an account without a password get the same answer after
 * the same work, so that a login does not tell who has an account. (Registration does, as it has to: it answers a token
 * or none; that is why it is off by default and limited per network address.)
 */
import type { RegisterRequest } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { Account, AccountStore, Credentials } from '../ports/account-store.ts'
import type { PasswordHasher } from '../ports/passwords.ts'
import type { Clock } from '../ports/system.ts'
import type { AccessTokens, IssuedToken } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { requireGoodPassword } from './good-password.ts'
import type { MailLinks } from './mail-links.ts'

const QUARTER_HOUR_MS = 15 * 60_000
const HOUR_MS = 4 * QUARTER_HOUR_MS

/** Failed logins: for one account from one network address, for one account, from one network address. */
const LOGINS_PER_PAIR = { attempts: 10, windowMs: QUARTER_HOUR_MS }
const LOGINS_PER_ACCOUNT = { attempts: 100, windowMs: QUARTER_HOUR_MS }
const LOGINS_PER_ADDRESS = { attempts: 100, windowMs: QUARTER_HOUR_MS }
/** Registrations and checks of an address before one, from one network address. */
const REGISTRATIONS_PER_ADDRESS = { attempts: 20, windowMs: HOUR_MS }
const CHECKS_PER_ADDRESS = { attempts: 60, windowMs: HOUR_MS }

export interface SignInDeps {
  store: AccountStore
  accounts: Accounts
  tokens: AccessTokens
  links: MailLinks
  passwords: PasswordHasher
  clock: Clock
  /** Whether people may register by themselves. */
  isRegistrationOpen: boolean
  /** How long the token of a login works; null for ever. */
  loginLifetimeMs: number | null
}

/** A login that succeeded. */
export interface Login {
  account: Account
  token: IssuedToken
}

export class SignIn {
  readonly #deps: SignInDeps
  readonly #logins: { pair: AttemptLimiter; account: AttemptLimiter; address: AttemptLimiter }
  readonly #registrations: AttemptLimiter
  readonly #checks: AttemptLimiter

  constructor(deps: SignInDeps) {
    this.#deps = deps
    const { clock } = deps
    this.#logins = {
      pair: new AttemptLimiter(LOGINS_PER_PAIR, clock),
      account: new AttemptLimiter(LOGINS_PER_ACCOUNT, clock),
      address: new AttemptLimiter(LOGINS_PER_ADDRESS, clock),
    }
    this.#registrations = new AttemptLimiter(REGISTRATIONS_PER_ADDRESS, clock)
    this.#checks = new AttemptLimiter(CHECKS_PER_ADDRESS, clock)
  }

  /**
   * Whether somebody could register with this address.
   *
   * @param email normalised
   * @param from network address of who asks
   * @throws AppError REGISTRATION_CLOSED, EMAIL_TAKEN, TOO_MANY_ATTEMPTS when not
   */
  async checkEmail(email: string, from: string): Promise<void> {
    this.#requireOpen()
    this.#checks.take(from)
    if (await this.#deps.store.findByEmail(email)) throw new AppError('EMAIL_TAKEN')
  }

  /**
   * A new account with one token. A link to verify the address is sent when that is required.
   *
   * @throws AppError REGISTRATION_CLOSED, EMAIL_TAKEN, TOO_MANY_ATTEMPTS, SERVER_BUSY, REQUEST_VALIDATION_ERROR for a
   *   password that the policy refuses
   */
  async register(request: RegisterRequest, from: string): Promise<{ account: Account; token: string }> {
    this.#requireOpen()
    const { email, password, password_confirm, first_name, last_name } = request
    requireGoodPassword(password, password_confirm)
    this.#registrations.take(from)
    const { store, accounts, passwords, links, loginLifetimeMs } = this.#deps
    if (await store.findByEmail(email)) throw new AppError('EMAIL_TAKEN')
    const passwordHash = await passwords.hash(password)
    const name = [first_name, last_name].filter(Boolean).join(' ') || email
    const created = await accounts.create(name, {
      email,
      isVerified: false,
      passwordHash,
      label: 'registration',
      kind: 'login',
      lifetimeMs: loginLifetimeMs,
    })
    if (accounts.mustVerify(created.account)) await links.sendVerification(created.account)
    return created
  }

  /**
   * Check address and password; answers a new token.
   *
   * @param email normalised
   * @param from network address of who asks
   * @throws AppError INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, SERVER_BUSY; EMAIL_NOT_VERIFIED with the token in the header
   *   `access_token`, which is good for having the address verified and for nothing else
   */
  async login(email: string, password: string, from: string): Promise<Login> {
    const giveBack = this.#countLogin(email, from)
    const { store, accounts, tokens, passwords, loginLifetimeMs } = this.#deps
    const found = await store.findByEmail(email)
    const check = await passwords.verify(password, found?.passwordHash ?? null)
    if (!found || !check.isCorrect) throw new AppError('INVALID_CREDENTIALS')
    giveBack()
    if (check.isOutdated) await this.#rehash(found, password)
    const { account } = found
    const token = await tokens.issue(account.id, {
      label: 'login',
      kind: 'login',
      lifetimeMs: loginLifetimeMs,
    })
    if (accounts.mustVerify(account)) {
      throw new AppError('EMAIL_NOT_VERIFIED', { headers: { access_token: token.text } })
    }
    return { account, token }
  }

  #requireOpen(): void {
    if (!this.#deps.isRegistrationOpen) throw new AppError('REGISTRATION_CLOSED')
  }

  /** Count an attempt in all three ways. @returns how to take it back */
  #countLogin(email: string, from: string): () => void {
    const { pair, account, address } = this.#logins
    const counts = [
      [address, from],
      [pair, `${from} ${email}`],
      [account, email],
    ] as const
    for (const [limiter, key] of counts) limiter.take(key)
    return () => {
      for (const [limiter, key] of counts) limiter.giveBack(key)
    }
  }

  async #rehash({ account, passwordHash }: Credentials, password: string): Promise<void> {
    if (passwordHash === null) return
    const to = await this.#deps.passwords.hash(password)
    await this.#deps.store.replacePasswordHash(account.id, { from: passwordHash, to })
  }
}
