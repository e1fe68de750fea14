import { AppError } from '../app-error.ts'
import type { Account, AccountStore, TokenRecord } from '../ports/account-store.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { AccessTokens, hasExpired } from './access-tokens.ts'
import { hashToken, readBearer, type TokenSchemes } from './tokens.ts'

/** Label of the token that the operator presets; it is replaced when the setting changes. */
const PRESET_LABEL = 'preset'

/** The last use of a token is noted when the note is older than this; noting each use would cost a write per request. */
const USE_NOTED_EVERY_MS = 3_600_000

export interface AccountsDeps {
  store: AccountStore
  clock: Clock
  ids: Ids
  /** Whether an account with an unverified address may not use the API. Default false. */
  isVerificationRequired?: boolean
}

/** Who is let in. */
export interface AuthenticateOptions {
  /** Also an account whose address has to be verified first. */
  allowUnverified?: boolean
  /** Default: `Bearer` alone. */
  schemes?: TokenSchemes
}

/** What a new account is; by default it has no address, no password and one token. */
export interface NewAccount {
  email?: string | null
  isVerified?: boolean
  isAdmin?: boolean
  passwordHash?: string | null
  /** The first token; default a random one that does not expire. */
  token?: string
  label?: string
  kind?: TokenRecord['kind']
  lifetimeMs?: number | null
}

/** Who is calling, and the account that the first start creates. */
export class Accounts {
  readonly #store: AccountStore
  readonly #clock: Clock
  readonly #ids: Ids
  readonly #tokens: AccessTokens
  readonly #isVerificationRequired: boolean

  constructor(deps: AccountsDeps) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#ids = deps.ids
    this.#tokens = new AccessTokens(deps)
    this.#isVerificationRequired = deps.isVerificationRequired ?? false
  }

  /**
   * The account of an `Authorization` header.
   *
   * @throws AppError UNAUTHORIZED without a header of the form `Bearer <token>` (or another scheme, where allowed), or with a token that is unknown or expired;
   *   EMAIL_NOT_VERIFIED when the address has to be verified first, unless that is allowed here
   */
  async authenticate(header: string | undefined, options: AuthenticateOptions = {}): Promise<Account> {
    const text = readBearer(header, options.schemes)
    if (text === undefined) throw unauthorized(header === undefined ? undefined : 'invalid_request')
    const found = await this.#store.findByTokenHash(hashToken(text))
    const now = this.#clock.now()
    if (!found || hasExpired(found.token, now)) throw unauthorized('invalid_token')
    const { account, token } = found
    if (this.mustVerify(account) && !options.allowUnverified) throw new AppError('EMAIL_NOT_VERIFIED')
    if (now - (token.lastUsedAt ?? 0) >= USE_NOTED_EVERY_MS) await this.#store.markTokenUsed(token.id, now)
    return account
  }

  /** Whether the account may do nothing before its address is verified. */
  mustVerify(account: Account): boolean {
    return this.#isVerificationRequired && !account.isVerified
  }

  /**
   * Add an account with one token; the token is answered here and never again.
   *
   * @throws AppError EMAIL_TAKEN
   */
  async create(name: string, options: NewAccount = {}): Promise<{ account: Account; token: string }> {
    const account: Account = {
      id: this.#ids.newId(),
      name,
      email: options.email ?? null,
      isVerified: options.isVerified ?? true,
      isAdmin: options.isAdmin ?? false,
      createdAt: this.#clock.now(),
    }
    const { label = 'first', kind = 'api', lifetimeMs = null } = options
    const { record, text } = this.#tokens.make({ label, kind, lifetimeMs }, options.token)
    const secrets = { passwordHash: options.passwordHash ?? null, token: record }
    if (!(await this.#store.insert(account, secrets))) throw new AppError('EMAIL_TAKEN')
    return { account, token: text }
  }

  /**
   * Make sure that there is an administrator. A preset token works from now on in place of an earlier preset one.
   *
   * @returns the generated token when this call created the account and none was preset
   */
  async bootstrap(presetToken: string | undefined): Promise<{ adminToken?: string }> {
    const admin = await this.#store.findAdmin()
    const order = { label: PRESET_LABEL, kind: 'preset', lifetimeMs: null } as const
    if (!admin) {
      const preset = presetToken === undefined ? {} : { token: presetToken, ...order }
      const { token } = await this.create('admin', { isAdmin: true, ...preset })
      return presetToken === undefined ? { adminToken: token } : {}
    }
    if (presetToken !== undefined) {
      const found = await this.#store.findByTokenHash(hashToken(presetToken))
      if (found && found.account.id !== admin.id) {
        throw new Error('the preset admin token belongs to another account')
      }
      if (!found) await this.#store.replacePresetToken(admin.id, this.#tokens.make(order, presetToken).record)
    }
    return {}
  }
}

function unauthorized(problem: 'invalid_request' | 'invalid_token' | undefined): AppError {
  const challenge = problem ? `Bearer realm="posterior", error="${problem}"` : 'Bearer realm="posterior"'
  const headers = { 'www-authenticate': challenge }
  if (problem === 'invalid_token') {
    return new AppError('UNAUTHORIZED', { headers, message: 'Invalid or expired token.' })
  }
  return new AppError('UNAUTHORIZED', { headers })
}
