/** Machines of members that train for the server, and which run each of them has. */
import type { BrainInputs, RunnerCapabilities } from '@posterior/contracts'
import type { Account } from './account-store.ts'
import type { NewRunEvent, Run, RunChange } from './runs.ts'

/** A runner as it is kept: of its token only the SHA-256 (hex). Times are milliseconds since 1970. */
export interface Runner {
  id: string
  accountId: string
  name: string
  hash: string
  /** First characters of the token, to tell it from others. */
  prefix: string
  createdAt: number
  lastSeenAt: number | null
  capabilities: RunnerCapabilities | null
}

/** A checkpoint that came from a runner. */
export interface Artifact {
  /** Of the checkpoint, unpacked. */
  bytes: number
  /** What the brain takes, by its manifest. */
  inputs: BrainInputs
}

/** That a runner has a run. It stays when the run is over, and goes when another start of the run takes its place. */
export interface Claim {
  /** New at every claim, so that two claims of one runner differ. */
  id: string
  runId: string
  runnerId: string
  claimedAt: number
  /** When the runner last spoke of the run. */
  heardAt: number
  /** Events that the runner told in this claim. */
  events: number
  /** The verified checkpoint that came in this claim; null while none has. */
  artifact: Artifact | null
}

export interface RunnerStore {
  insert(runner: Runner, limit: number): Promise<'stored' | 'name taken' | 'too many'>
  /** Oldest first. */
  list(accountId: string): Promise<Runner[]>
  findByHash(hash: string): Promise<{ runner: Runner; account: Account } | undefined>
  /** Those of everybody who may change the project, oldest first. */
  listForProject(projectId: string): Promise<Runner[]>
  /** @returns whether the account had this runner */
  remove(accountId: string, id: string): Promise<boolean>
  noteSeen(id: string, at: number): Promise<void>
  setCapabilities(id: string, capabilities: RunnerCapabilities): Promise<void>
}

export interface ClaimStore {
  /**
   * In one transaction: give the runner the run that waits longest of those that it may take and that
   * `isTaken` says it can train, and append `event` to it.
   *
   * @returns undefined when there is none
   */
  claimNext(
    runner: Pick<Runner, 'id' | 'accountId'>,
    claim: { id: string; now: number; isTaken: (run: Run) => boolean },
    event: NewRunEvent,
  ): Promise<{ run: Run; claim: Claim } | undefined>
  /** A run of a project that the account may change, with its claim if it has one. */
  find(accountId: string, runId: string): Promise<{ run: Run; claim: Claim | undefined } | undefined>
  /** Note that the runner spoke. */
  hear(claimId: string, now: number): Promise<void>
  /**
   * In one transaction: append events, but for the first ones that are known, while the run is recorded as running and has
   * less than `room` events.
   *
   * @param told.from  number of events of the claim before these; undefined: all of them are new
   * @returns undefined when the claim is gone; how many the claim has now, and how many had no room
   */
  addEvents(
    claimId: string,
    told: { from: number | undefined; events: readonly (NewRunEvent | undefined)[] },
    limits: { now: number; room: number },
  ): Promise<{ received: number; dropped: number } | undefined>
  /** @returns whether the claim was there */
  setArtifact(claimId: string, artifact: Artifact | null): Promise<boolean>
  /** Change the run while the claim has it and it is running, and append an event. @returns whether it was so */
  settle(claimId: string, change: RunChange, event: NewRunEvent): Promise<boolean>
  /** Queue the run again and drop the claim, while the run is running. @returns whether it was so */
  release(claimId: string, event: NewRunEvent): Promise<boolean>
  /**
   * Queue again the running runs of runners that nobody has, or whose runner was not heard since `silentSince`; fail those
   * that wait for a runner that is gone.
   *
   * @returns ids of the runs that have changed
   */
  expire(silentSince: number, events: { silent: NewRunEvent; orphaned: NewRunEvent }): Promise<string[]>
  /** Every runner was heard just now: for a start of the server, which heard nobody while it was down. */
  hearAll(now: number): Promise<void>
}
