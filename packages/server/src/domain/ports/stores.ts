/**
 * What is remembered. Every query that serves a caller takes the account and answers `undefined` for what belongs to
 * another one, so that foreign and unknown cannot be told apart.
 */

import type { FileFormat, FitStatus, Label, TabpfnConfig, Task } from '@posterior/contracts'
import type { ThinkingPlan } from '../fits/thinking.ts'
import type { AccountStore } from './account-store.ts'
import type { FileRole } from './blobs.ts'
import type { NoteStore } from './notes.ts'
import type { ClaimStore, RunnerStore } from './runners.ts'
import type { RunStore, TrainingUsageStore } from './runs.ts'
import type { ShareStore } from './shares.ts'
import type { ArtefactStore, ProjectStore } from './studio.ts'
import type { UsageStore } from './usage.ts'

export type { Account } from './account-store.ts'

export type UploadKind = 'train' | 'test'

/** One file of an upload. */
export interface UploadFile {
  role: FileRole
  format: FileFormat
  /** What the caller declared; the hash is CRC32C in base64. */
  declaredHash: string | null
  declaredSize: number | null
  partCount: number
  /** `open`: parts are missing or the hash is wrong; `complete`: all there and verified; `sealed`: in use, unchangeable. */
  state: 'open' | 'complete' | 'sealed'
  /** Bytes and CRC32C (base64) of the whole file; null until every part has arrived. */
  sizeBytes: number | null
  hash: string | null
  /** Blob of the whole file; null until it exists in one piece. */
  blobKey: string | null
}

export interface Upload {
  id: string
  accountId: string
  kind: UploadKind
  /** The fit that a test set is for; null for training sets. */
  fittedTrainSetId: string | null
  description: string | null
  createdAt: number
  /** When its URLs expire; an upload that is not complete by then is removed. */
  expiresAt: number
  files: UploadFile[]
}

export interface UploadPart {
  index: number
  sizeBytes: number
  /** CRC32C as an unsigned 32-bit number. */
  crc32c: number
  /** SHA-256, hex: tells a repeated part from a different one. */
  sha256: string
  blobKey: string
}

/** The fields of a file that change as parts arrive. */
export type FileProgress = Pick<UploadFile, 'state' | 'sizeBytes' | 'hash' | 'blobKey'>

/** A verified file, as duplicates are looked up. */
export interface FileIdentity {
  hash: string
  sizeBytes: number
  format: FileFormat
}

export interface UploadStore {
  /** @throws AppError NOT_FOUND when the account is gone */
  insert(upload: Upload): Promise<void>
  find(accountId: string, id: string, kind: UploadKind): Promise<Upload | undefined>
  /** Every upload of the account, oldest first. */
  list(accountId: string): Promise<Upload[]>
  /** For a signed URL, which is its own credential. */
  findForUrl(id: string): Promise<Upload | undefined>
  parts(id: string, role: FileRole): Promise<UploadPart[]>
  /**
   * In one transaction: read file and parts, let `decide` say what to store, store it. `decide` may throw to refuse.
   *
   * @returns what `decide` returned
   */
  changeFile<T extends FileChange>(
    id: string,
    role: FileRole,
    decide: (file: UploadFile, parts: UploadPart[]) => T,
  ): Promise<T>
  /** Completed uploads whose files have these identities and were verified against a declared hash, newest first. */
  findDuplicateTrain(accountId: string, x: FileIdentity, y: FileIdentity): Promise<Upload[]>
  findDuplicateTest(accountId: string, fittedTrainSetId: string, x: FileIdentity): Promise<Upload[]>
  /** What the account has prepared, and the bytes of the files that arrived completely. */
  summary(accountId: string): Promise<UploadSummary>
  /** Uploads that expired before `now` with a file that is still open. */
  findAbandoned(now: number): Promise<Upload[]>
  remove(id: string): Promise<void>
  /** Every blob key that a row refers to, for the sweep of leftovers. */
  blobKeys(): Promise<string[]>
}

/** How much an account has uploaded. */
export interface UploadSummary {
  trainSets: number
  testSets: number
  bytes: number
}

/** What `changeFile` stores. */
export interface FileChange {
  /** Part to insert or replace. */
  part?: UploadPart
  progress?: FileProgress
}

/** A fitted training set. */
export interface Fit {
  id: string
  accountId: string
  trainSetUploadId: string
  task: Task
  /** What the caller asked for, without nulls; output settings here are the defaults of later predictions. */
  config: TabpfnConfig
  /** How it was to think; null for a fit without thinking. */
  thinking: ThinkingPlan | null
  /** Equal for fits that would give the same result. */
  fingerprint: string
  /** Name of the model asked for and used. */
  model: string
  status: FitStatus
  trainRows: number | null
  columns: number | null
  classes: Label[] | null
  errorCode: string | null
  errorMessage: string | null
  createdAt: number
  completedAt: number | null
}

export interface FitStore {
  /** @throws AppError NOT_FOUND when the training set is gone */
  insert(fit: Fit): Promise<void>
  find(accountId: string, id: string): Promise<Fit | undefined>
  /** The newest completed fit with this fingerprint. */
  findCompleted(accountId: string, fingerprint: string): Promise<Fit | undefined>
  /** Every fit of the account, oldest first. */
  list(accountId: string): Promise<Fit[]>
  /** @returns whether the fit is still there */
  complete(
    id: string,
    result: { trainRows: number; columns: number; classes: Label[] | null; completedAt: number },
  ): Promise<boolean>
  fail(id: string, error: { code: string; message: string; completedAt: number }): Promise<void>
  countCompleted(accountId: string): Promise<number>
  /** Ids of every fit that is recorded as running. */
  findPending(): Promise<string[]>
  /** Ids of every completed fit, for the sweep of leftovers. */
  completedIds(): Promise<string[]>
}

/** What has been removed from the store, and the files that it leaves behind. */
export interface RemovedData {
  /** Training and test sets. */
  uploadIds: string[]
  fitIds: string[]
  blobKeys: string[]
}

/** Deletion for good. Each call is one transaction over everything that depends on what is named. */
export interface RemovalStore {
  /** A training set with its fits and their test sets, or a test set alone; undefined when unknown or foreign. */
  removeDataset(accountId: string, uploadId: string): Promise<RemovedData | undefined>
  removeAllDatasets(accountId: string): Promise<RemovedData>
  /** The account with all that it has; refused for the last administrator. */
  removeAccount(accountId: string): Promise<RemovedData | 'unknown' | 'last admin'>
}

export interface Stores {
  accounts: AccountStore
  uploads: UploadStore
  fits: FitStore
  removal: RemovalStore
  usage: UsageStore
  projects: ProjectStore
  artefacts: ArtefactStore
  notes: NoteStore
  runs: RunStore
  trainingUsage: TrainingUsageStore
  runners: RunnerStore
  claims: ClaimStore
  shares: ShareStore
}
