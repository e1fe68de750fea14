/** Share links: what is remembered of them. The token itself is kept as a hash alone. */
import type { Run } from './runs.ts'

export interface Share {
  id: string
  runId: string
  label: string | null
  /** First characters of the token, to tell it from others. */
  prefix: string
  /** The account that made it and pays for its calls. */
  createdBy: string
  createdAt: number
  /** Null: never by itself. */
  expiresAt: number | null
  /** Null: any number. */
  maxCalls: number | null
  /** Answers so far, and those that are being made. */
  calls: number
  lastUsedAt: number | null
  revokedAt: number | null
}

/** A link that works now, and what it leads to. */
export interface LiveShare {
  share: Share
  run: Pick<Run, 'id' | 'status' | 'results'>
}

export interface ShareStore {
  /**
   * Store a link. Links that work no more make room for it, oldest first.
   *
   * @param hash  SHA-256 of the token, hex
   * @param most  links that the run may have
   * @throws AppError NOT_FOUND when the run or the account is gone
   */
  insert(share: Share, hash: string, most: number): Promise<'stored' | 'too many'>
  /** Oldest first. */
  list(runId: string): Promise<Share[]>
  /** @returns whether the run has this link; its first time of revocation stays */
  revoke(runId: string, id: string, at: number): Promise<boolean>
  /**
   * The link with this hash, if it works: not revoked, not over, with calls left, of a completed run, and made by somebody
   * who may still change the project.
   */
  findLive(hash: string, now: number): Promise<LiveShare | undefined>
  /** Count a call if the link still has one; a kill of the process does not forget it. @returns whether it had */
  takeCall(id: string, now: number): Promise<boolean>
  /** A call that was counted was not answered. */
  giveCallBack(id: string): Promise<void>
}
