/** The runners of accounts: issue, list, revoke, and who is calling. A runner's token is good for the work of runners alone. */
import { MAX_RUNNERS, type RunnerCapabilities } from '@posterior/contracts'
import type { Accounts } from '../../accounts/accounts.ts'
import { hashToken, readBearer } from '../../accounts/tokens.ts'
import { AppError } from '../../app-error.ts'
import type { Runner, RunnerStore } from '../../ports/runners.ts'
import type { Clock, Ids } from '../../ports/system.ts'
import { limitReached } from '../projects.ts'

/** Characters of a token that are kept and shown. */
const PREFIX_LENGTH = 12

/** The last call of a runner is noted when the note is older than this: it calls every few seconds. */
const SEEN_EVERY_MS = 30_000

export interface RunnersDeps {
  runners: RunnerStore
  accounts: Pick<Accounts, 'mustVerify'>
  clock: Clock
  ids: Ids
  /** Called when a runner is gone, for the runs that it had. */
  onRevoked: () => Promise<void>
}

export class Runners {
  readonly #deps: RunnersDeps

  constructor(deps: RunnersDeps) {
    this.#deps = deps
  }

  /** Oldest first. */
  async list(accountId: string): Promise<Runner[]> {
    return this.#deps.runners.list(accountId)
  }

  /**
   * A new runner with the text of its token, which is answered here and never again.
   *
   * @throws AppError RUNNER_NAME_TAKEN, STUDIO_LIMIT_REACHED
   */
  async issue(accountId: string, name: string): Promise<{ runner: Runner; token: string }> {
    const { runners, clock, ids } = this.#deps
    const token = ids.newRunnerToken()
    const runner: Runner = {
      id: ids.newId(),
      accountId,
      name,
      hash: hashToken(token),
      prefix: token.slice(0, PREFIX_LENGTH),
      createdAt: clock.now(),
      lastSeenAt: null,
      capabilities: null,
    }
    const stored = await runners.insert(runner, MAX_RUNNERS)
    if (stored === 'name taken') throw new AppError('RUNNER_NAME_TAKEN', { params: { name } })
    if (stored === 'too many') throw limitReached('Another runner', `${MAX_RUNNERS} runners of an account`)
    return { runner, token }
  }

  /** Its token stops working at once, and what it trains goes back into the queue. @throws AppError NOT_FOUND */
  async revoke(accountId: string, id: string): Promise<void> {
    if (!(await this.#deps.runners.remove(accountId, id)))
      throw new AppError('NOT_FOUND', { params: { what: `Runner ${id}` } })
    await this.#deps.onRevoked()
  }

  /**
   * The runner of an `Authorization` header.
   *
   * @throws AppError UNAUTHORIZED for anything but the token of a runner; EMAIL_NOT_VERIFIED
   */
  async authenticate(header: string | undefined): Promise<Runner> {
    const { runners, accounts, clock } = this.#deps
    const text = readBearer(header, 'any')
    const found = text === undefined ? undefined : await runners.findByHash(hashToken(text))
    if (!found) {
      throw new AppError('UNAUTHORIZED', {
        headers: { 'www-authenticate': 'Bearer realm="posterior runner"' },
        message:
          'The token is revoked, or of the wrong type: this route takes the token of a runner (psr_...), issued at /runners.',
      })
    }
    if (accounts.mustVerify(found.account)) throw new AppError('EMAIL_NOT_VERIFIED')
    const now = clock.now()
    if (now - (found.runner.lastSeenAt ?? 0) >= SEEN_EVERY_MS) await runners.noteSeen(found.runner.id, now)
    return found.runner
  }

  /** Keep what a runner tells of itself, in place of what it told before. */
  async report(runner: Runner, capabilities: RunnerCapabilities): Promise<void> {
    await this.#deps.runners.setCapabilities(runner.id, capabilities)
  }
}
