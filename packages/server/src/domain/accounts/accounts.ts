import { AppError } from '../app-error.ts'
import type { Account, AccountStore, TokenRecord } from '../ports/stores.ts'
import type { Clock, Ids } from '../ports/system.ts'
import { hashToken, readBearer } from './tokens.ts'

/** Label of the token that the operator presets; it is replaced when the setting changes. */
const PRESET_LABEL = 'preset'

/** Who is calling, and the account that the first start creates. */
export class Accounts {
  readonly #store: AccountStore
  readonly #clock: Clock
  readonly #ids: Ids

  constructor(deps: { store: AccountStore; clock: Clock; ids: Ids }) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#ids = deps.ids
  }

  /**
   * The account of an `Authorization` header.
   *
   * @throws AppError UNAUTHORIZED without a header of the form `Bearer <token>` or with an unknown token
   */
  async authenticate(header: string | undefined): Promise<Account> {
    const token = readBearer(header)
    if (token === undefined) throw unauthorized(header === undefined ? undefined : 'invalid_request')
    const account = await this.#store.findByTokenHash(hashToken(token))
    if (!account) throw unauthorized('invalid_token')
    return account
  }

  /** Add an account with one token; the token is answered here and never again. */
  async create(
    name: string,
    options: { isAdmin?: boolean; token?: string; label?: string } = {},
  ): Promise<{ account: Account; token: string }> {
    const account: Account = {
      id: this.#ids.newId(),
      name,
      isAdmin: options.isAdmin ?? false,
      createdAt: this.#clock.now(),
    }
    const token = options.token ?? this.#ids.newToken()
    await this.#store.insertWithToken(account, this.#record(token, options.label ?? 'first'))
    return { account, token }
  }

  /**
   * Make sure that there is an administrator. A preset token works from now on in place of an earlier preset one.
   *
   * @returns the generated token when this call created the account and none was preset
   */
  async bootstrap(presetToken: string | undefined): Promise<{ adminToken?: string }> {
    const admin = await this.#store.findAdmin()
    if (!admin) {
      const preset = presetToken === undefined ? {} : { token: presetToken, label: PRESET_LABEL }
      const { token } = await this.create('admin', { isAdmin: true, ...preset })
      return presetToken === undefined ? { adminToken: token } : {}
    }
    if (presetToken !== undefined) {
      const owner = await this.#store.findByTokenHash(hashToken(presetToken))
      if (owner && owner.id !== admin.id) throw new Error('the preset admin token belongs to another account')
      if (!owner) await this.#store.replaceToken(admin.id, this.#record(presetToken, PRESET_LABEL))
    }
    return {}
  }

  #record(token: string, label: string): TokenRecord {
    return { id: this.#ids.newId(), hash: hashToken(token), label, createdAt: this.#clock.now() }
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
