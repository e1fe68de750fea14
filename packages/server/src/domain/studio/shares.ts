/**
 * Share links: whoever has the token of one may ask a brain, and learns nothing else. A token is 256 random bits and is kept
 * as a hash alone. A link works while its run is there, its maker may change the project, and neither time nor calls are
 * used up; whatever the reason, one that does not work is refused with the same words.
 */
import { MAX_RUN_SHARES, MAX_SHARE_DAYS, SHARE_LIMITS, type ShareOrder } from '@posterior/contracts'
import { AttemptLimiter } from '../accounts/attempt-limiter.ts'
import { hashToken } from '../accounts/tokens.ts'
import { AppError, invalidField } from '../app-error.ts'
import type { Metering } from '../metering/metering.ts'
import type { GraphResult } from '../ports/answerer.ts'
import type { LiveShare, Share, ShareStore } from '../ports/shares.ts'
import type { Clock, Ids } from '../ports/system.ts'
import type { AnswerCommand, Answers, StudioAnswer } from './answers.ts'
import type { Brains } from './brains.ts'
import type { Discoveries, DiscoveryTable } from './discoveries.ts'
import { limitReached, type Projects } from './projects.ts'
import type { RunAddress, Runs } from './runs/runs.ts'

/** Calls per minute; null for no limit. */
export interface ShareRates {
  /** Of one link. */
  link: number | null
  /** Of one network address, all links together. */
  address: number | null
}

export interface SharesDeps {
  shares: ShareStore
  projects: Pick<Projects, 'require'>
  runs: Pick<Runs, 'get'>
  brains: Pick<Brains, 'target'>
  /** With the limits of what callers without an account may ask. */
  answers: Answers
  discoveries: Pick<Discoveries, 'discover'>
  metering: Pick<Metering, 'admit'>
  clock: Clock
  ids: Ids
  rates: ShareRates
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const PREFIX_CHARACTERS = 12

/** Calls that are worked on at the same time, so that those of accounts come through. */
const MAX_AT_ONCE = 16

export class Shares {
  readonly #deps: SharesDeps
  readonly #perLink: AttemptLimiter | null
  readonly #perAddress: AttemptLimiter | null
  #atOnce = 0

  constructor(deps: SharesDeps) {
    this.#deps = deps
    const limiter = (attempts: number | null) =>
      attempts === null ? null : new AttemptLimiter({ attempts, windowMs: MINUTE_MS }, deps.clock)
    this.#perLink = limiter(deps.rates.link)
    this.#perAddress = limiter(deps.rates.address)
  }

  /**
   * Make a link to the brain of a completed run.
   *
   * @returns also the token, which nobody can show again
   * @throws AppError NOT_FOUND, ROLE_TOO_LOW, RUN_NOT_COMPLETED, REQUEST_VALIDATION_ERROR, STUDIO_LIMIT_REACHED
   */
  async create(
    accountId: string,
    address: RunAddress,
    order: ShareOrder,
  ): Promise<{ share: Share; token: string }> {
    const { projects, runs, brains, shares, clock, ids } = this.#deps
    await projects.require(accountId, address.project, 'editor')
    const run = await runs.get(accountId, address)
    brains.target(run)
    const now = clock.now()
    const token = ids.newShareToken()
    const share: Share = {
      id: ids.newId(),
      runId: run.id,
      label: order.label ?? null,
      prefix: token.slice(0, PREFIX_CHARACTERS),
      createdBy: accountId,
      createdAt: now,
      expiresAt: expiryOf(order, now),
      maxCalls: order.max_calls ?? null,
      calls: 0,
      lastUsedAt: null,
      revokedAt: null,
    }
    if ((await shares.insert(share, hashToken(token), MAX_RUN_SHARES)) === 'too many') {
      throw limitReached('Another link', `${MAX_RUN_SHARES} links of a run that work`)
    }
    return { share, token }
  }

  /** Oldest first. @throws AppError NOT_FOUND */
  async list(accountId: string, address: RunAddress): Promise<Share[]> {
    const run = await this.#deps.runs.get(accountId, address)
    return this.#deps.shares.list(run.id)
  }

  /** The link stops working at once; answers that are being made still leave. @throws AppError NOT_FOUND, ROLE_TOO_LOW */
  async revoke(accountId: string, address: RunAddress, id: string): Promise<void> {
    const { projects, runs, shares, clock } = this.#deps
    await projects.require(accountId, address.project, 'editor')
    const run = await runs.get(accountId, address)
    if (await shares.revoke(run.id, id, clock.now())) return
    throw new AppError('NOT_FOUND', { params: { what: `Share link ${id}` } })
  }

  /**
   * The link that a token opens, for a call from a network address.
   *
   * @throws AppError SHARE_NOT_FOUND, SHARE_PAUSED
   */
  async open(token: string, address: string): Promise<LiveShare> {
    const { shares, clock } = this.#deps
    return asLink(async () => {
      this.#perAddress?.take(address)
      const live = await shares.findLive(hashToken(token), clock.now())
      if (!live) throw new AppError('SHARE_NOT_FOUND')
      this.#perLink?.take(live.share.id)
      return live
    })
  }

  /**
   * Answer a question through a link. The call is counted before, and given back when there is no answer.
   *
   * @throws AppError as `Answers.answer`, SHARE_NOT_FOUND, SHARE_PAUSED, SERVER_BUSY
   */
  async answer(
    { share, run }: LiveShare,
    command: AnswerCommand,
    signal: AbortSignal,
  ): Promise<StudioAnswer> {
    const { brains, answers } = this.#deps
    checkSettings(command)
    return this.#counted(share, () => answers.answer(share.createdBy, brains.target(run), command, signal))
  }

  /**
   * Answer with the graph behind a table through a link, counted in the same way.
   *
   * @throws AppError as `Discoveries.discover`, SHARE_NOT_FOUND, SHARE_PAUSED, SERVER_BUSY
   */
  discover({ share, run }: LiveShare, table: DiscoveryTable, signal: AbortSignal): Promise<GraphResult> {
    const { brains, discoveries } = this.#deps
    return this.#counted(share, () => {
      return discoveries.discover(share.createdBy, brains.target(run), table, signal)
    })
  }

  async #counted<T>(share: Share, work: () => Promise<T>): Promise<T> {
    const { shares, metering, clock } = this.#deps
    if (this.#atOnce >= MAX_AT_ONCE) throw new AppError('SERVER_BUSY', { headers: { 'retry-after': '1' } })
    this.#atOnce++
    try {
      return await asLink(async () => {
        await metering.admit(share.createdBy, 'predict')
        if (!(await shares.takeCall(share.id, clock.now()))) throw new AppError('SHARE_NOT_FOUND')
        try {
          return await work()
        } catch (error) {
          await shares.giveCallBack(share.id)
          throw error
        }
      })
    } finally {
      this.#atOnce--
    }
  }

  /** Break off what is running. */
  stop(): void {
    this.#deps.answers.stop()
  }
}

/** Errors of the maker's account as the caller of a link sees them. */
async function asLink<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    switch (error.code) {
      case 'TOO_MANY_ATTEMPTS':
      case 'RATE_LIMIT_EXCEEDED':
      case 'INSUFFICIENT_QUOTA': {
        const seconds = error.headers['retry-after']
        const headers = seconds === undefined ? {} : { 'retry-after': seconds }
        throw new AppError('SHARE_PAUSED', { headers, cause: error })
      }
      // The maker's account, or the run, was deleted meanwhile.
      case 'UNAUTHORIZED':
      case 'NOT_FOUND':
        throw new AppError('SHARE_NOT_FOUND', { cause: error })
      default:
        throw error
    }
  }
}

function expiryOf(order: ShareOrder, now: number): number | null {
  const { expires_at: at, expires_in_days: days } = order
  if (days != null) return Math.round(now + days * DAY_MS)
  if (at == null) return null
  const time = Date.parse(at)
  if (time <= now) throw invalidField('expires_at', 'has passed already; name a time to come')
  if (time > now + MAX_SHARE_DAYS * DAY_MS) {
    throw invalidField(
      'expires_at',
      `is more than ${MAX_SHARE_DAYS} days from now; leave it out for a link without end`,
    )
  }
  return time
}

function checkSettings({ settings }: AnswerCommand): void {
  for (const field of ['n_estimators', 'horizon'] as const) {
    const value = settings[field]
    if (value != null && value > SHARE_LIMITS[field]) {
      throw invalidField(field, `must be at most ${SHARE_LIMITS[field]} through a share link, got ${value}`)
    }
  }
}
