/**
 * Links that prove that somebody reads an address: to verify it, or to set a new password. A link works once, for a
 * limited time, and until a newer one is made; only a hash of its code is stored.
 */
import { ROUTES } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { Account, AccountStore, LinkPurpose } from '../ports/account-store.ts'
import type { PasswordHasher } from '../ports/passwords.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { requireGoodPassword } from './good-password.ts'
import type { PostRoom } from './post-room.ts'
import { hashToken } from './tokens.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const LIFETIME_MS: Record<LinkPurpose, number> = { verify_email: 72 * HOUR_MS, reset_password: HOUR_MS }

/** Messages to one address, and askings from one network address. */
const MAILS_PER_ACCOUNT = { attempts: 5, windowMs: HOUR_MS }
const RESETS_PER_ADDRESS = { attempts: 20, windowMs: HOUR_MS }

export interface MailLinksDeps {
  store: AccountStore
  passwords: PasswordHasher
  post: PostRoom
  clock: Clock
  ids: Ids
  /** Base of the links, without a slash at the end. Never taken from a request, whose Host header anybody can choose. */
  publicUrl: () => string
}

export class MailLinks {
  readonly #deps: MailLinksDeps
  readonly #perAccount: AttemptLimiter
  readonly #perAddress: AttemptLimiter

  constructor(deps: MailLinksDeps) {
    this.#deps = deps
    this.#perAccount = new AttemptLimiter(MAILS_PER_ACCOUNT, deps.clock)
    this.#perAddress = new AttemptLimiter(RESETS_PER_ADDRESS, deps.clock)
  }

  /**
   * Send the account a link that verifies its address.
   *
   * @throws AppError TOO_MANY_ATTEMPTS, UNAUTHORIZED when the account is gone
   */
  async sendVerification(account: Account): Promise<void> {
    if (account.email === null) return
    this.#perAccount.take(`${account.id} verify`)
    const { code, url } = await this.#makeLink(account, 'verify_email')
    this.#deps.post.post({
      to: account.email,
      subject: 'Verify your e-mail address for Posterior',
      text: lines(
        'An account on a Posterior server was registered with this address. Open this link to verify that it is yours:',
        url,
        'Where a program asks for a code, it is:',
        code,
        'The link works for three days. If you did not register, ignore this message.',
      ),
    })
  }

  /** @throws AppError LINK_NOT_VALID */
  async verify(code: string): Promise<void> {
    const { store, clock } = this.#deps
    const account = await store.takeLink(hashToken(code), 'verify_email', clock.now())
    if (!account) throw notValid()
    await store.markVerified(account.id)
  }

  /**
   * Send a link to set a new password to the account with this address, if there is one. Whether there is cannot be seen
   * from outside.
   *
   * @param email normalised
   * @param from network address of who asks
   * @throws AppError TOO_MANY_ATTEMPTS
   */
  async sendReset(email: string, from: string): Promise<void> {
    this.#perAddress.take(from)
    const found = await this.#deps.store.findByEmail(email)
    if (!found || !this.#perAccount.tryTake(`${found.account.id} reset`)) return
    const { url } = await this.#makeLink(found.account, 'reset_password')
    this.#deps.post.post({
      to: email,
      subject: 'Set a new password for Posterior',
      text: lines(
        'Somebody, probably you, asked for a new password for the Posterior account with this address. Set it here:',
        url,
        'The link works for one hour. If it was not you, ignore this message: the password stays as it is.',
      ),
    })
  }

  /** A link to set a password, for an administrator to pass on. @returns when it expires, in ms since 1970 */
  async makeResetLink(account: Account): Promise<{ url: string; expiresAt: number }> {
    return this.#makeLink(account, 'reset_password')
  }

  /** @throws AppError LINK_NOT_VALID; the link still works after this */
  async checkReset(code: string): Promise<void> {
    const { store, clock } = this.#deps
    if (!(await store.findLink(hashToken(code), 'reset_password', clock.now()))) throw notValid()
  }

  /**
   * Set a new password. Every login of the account ends; tokens that were made by hand go on.
   *
   * @throws AppError LINK_NOT_VALID, SERVER_BUSY, REQUEST_VALIDATION_ERROR for a password that the policy refuses
   */
  async reset(code: string, password: string, confirmation: string): Promise<void> {
    const { store, passwords, clock } = this.#deps
    requireGoodPassword(password, confirmation)
    await this.checkReset(code)
    const passwordHash = await passwords.hash(password)
    const account = await store.takeLink(hashToken(code), 'reset_password', clock.now())
    if (!account) throw notValid()
    await store.setPassword(account.id, passwordHash)
    await store.removeTokens(account.id, 'login')
  }

  async #makeLink(
    account: Account,
    purpose: LinkPurpose,
  ): Promise<{ code: string; url: string; expiresAt: number }> {
    const { store, clock, ids, publicUrl } = this.#deps
    const code = ids.newCode()
    const expiresAt = clock.now() + LIFETIME_MS[purpose]
    const isStored = await store.putLink({ hash: hashToken(code), accountId: account.id, purpose, expiresAt })
    if (!isStored) throw new AppError('UNAUTHORIZED')
    const route = purpose === 'verify_email' ? ROUTES.verifyEmail : ROUTES.resetPasswordPage
    return { code, url: `${publicUrl()}${route.path}?token=${code}`, expiresAt }
  }
}

function notValid(): AppError {
  return new AppError('LINK_NOT_VALID', { errors: [{ field: 'token', message: 'is not valid any more' }] })
}

function lines(...paragraphs: string[]): string {
  return `${paragraphs.join('\n\n')}\n`
}
