import type { PostRoom } from '../accounts/post-room.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Log } from '../ports/system.ts'
import type { PoolName } from './limits.ts'
import { isoSeconds } from './periods.ts'
import type { Pool } from './pools.ts'

const NAMES: Readonly<Record<PoolName, string>> = {
  daily_tokens: 'tokens of this day',
  monthly_tokens: 'tokens of this month',
  monthly_thinking_fits: 'thinking fits of this month',
}

/** Tells the owner of an account, by mail and in the log, that a pool is nearly used up. No request waits for it. */
export class UsageNotices {
  readonly #accounts: Pick<AccountStore, 'find'>
  readonly #post: PostRoom
  readonly #log: Log

  constructor(deps: { accounts: Pick<AccountStore, 'find'>; post: PostRoom; log: Log }) {
    this.#accounts = deps.accounts
    this.#post = deps.post
    this.#log = deps.log
  }

  /** @param used with what was just taken */
  nearlyUsedUp(accountId: string, pool: Pool, used: number): void {
    const { resource, limit } = pool
    this.#log.warn({ accountId, resource, used, limit }, 'a pool is nearly used up')
    this.#mail(accountId, pool, used).catch((err: unknown) => {
      this.#log.error({ accountId, err }, 'the owner of a pool could not be told')
    })
  }

  async #mail(accountId: string, { resource, limit, resetAt }: Pool, used: number): Promise<void> {
    const account = await this.#accounts.find(accountId)
    // Nobody else is told what an account uses.
    if (!account?.email || !account.isVerified) return
    const what = NAMES[resource]
    this.#post.post({
      to: account.email,
      subject: `Nearly used up on Posterior: the ${what}`,
      text:
        `${used} of ${limit} ${what} are used. They are filled again at ${isoSeconds(resetAt)}; until then, what needs ` +
        'more than is left is refused.\n',
    })
  }
}
