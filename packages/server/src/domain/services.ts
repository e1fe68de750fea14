import { AccessTokens } from './accounts/access-tokens.ts'
import { Accounts } from './accounts/accounts.ts'
import { MailLinks } from './accounts/mail-links.ts'
import { PostRoom } from './accounts/post-room.ts'
import { SignIn } from './accounts/sign-in.ts'
import { UserAdmin } from './accounts/user-admin.ts'
import { DataExport } from './data/data-export.ts'
import { DataRemoval } from './data/data-removal.ts'
import { DataSummaries } from './data/data-summaries.ts'
import { DirectUploads } from './direct/direct-uploads.ts'
import { StagedFiles } from './direct/staged-files.ts'
import { TargetColumn } from './direct/target-column.ts'
import { Fits } from './fits/fits.ts'
import type { ThinkingLimits } from './fits/thinking.ts'
import { type Limits, shareLimits } from './limits.ts'
import { Metering, type MeteringLimits } from './metering/metering.ts'
import { UsageNotices } from './metering/usage-notices.ts'
import type { ArchiveReader } from './ports/archives.ts'
import type { BlobStore, ContextStore, UploadUrls } from './ports/blobs.ts'
import type { Mailer } from './ports/mailer.ts'
import type { PasswordHasher } from './ports/passwords.ts'
import type { Predictor } from './ports/predictor.ts'
import type { PriorSampler } from './ports/prior-sampler.ts'
import type { Trainer } from './ports/runs.ts'
import type { Stores } from './ports/stores.ts'
import type { Clock, Ids, Log } from './ports/system.ts'
import type { DatasetReader, TableFiles } from './ports/tables.ts'
import { Predictions } from './predictions/predictions.ts'
import { Answers } from './studio/answers.ts'
import { ProjectArchives } from './studio/archive/archives.ts'
import { Artefacts } from './studio/artefacts.ts'
import { Brains } from './studio/brains.ts'
import { Datasets } from './studio/datasets/datasets.ts'
import { StoredTables } from './studio/datasets/stored-tables.ts'
import { Discoveries } from './studio/discoveries.ts'
import { Notes } from './studio/notes.ts'
import { PriorChecks } from './studio/prior-checks.ts'
import { PriorSamples } from './studio/prior-samples.ts'
import { Projects } from './studio/projects.ts'
import { RunnerJobs } from './studio/runners/runner-jobs.ts'
import { Runners } from './studio/runners/runners.ts'
import { Checkpoints } from './studio/runs/checkpoints.ts'
import { Runs } from './studio/runs/runs.ts'
import { TrainingAllowance, type TrainingLimits } from './studio/runs/training-allowance.ts'
import { type ShareRates, Shares } from './studio/shares.ts'
import { UploadFiles } from './uploads/files.ts'
import { UploadPreparation } from './uploads/prepare.ts'
import { UploadReceiver } from './uploads/receive.ts'

/** Everything the domain needs from outside. */
export interface DomainPorts {
  stores: Stores
  blobs: BlobStore
  contexts: ContextStore
  urls: UploadUrls
  predictor: Predictor
  trainer: Trainer
  tables: TableFiles
  datasetReader: DatasetReader
  archives: ArchiveReader
  sampler: PriorSampler
  /** Where the model of a run is. */
  brainFolder: (runId: string) => string
  passwords: PasswordHasher
  mailer: Mailer
  clock: Clock
  ids: Ids
  log: Log
}

/** What an installation decides. */
export interface DomainOptions {
  limits: Limits
  metering: MeteringLimits
  thinking: ThinkingLimits
  urlLifetimeMs: number
  chunkBytes: number
  accounts: AccountOptions
  /** Training runs at the same time. */
  trainingAtOnce: number
  /** How often share links may be called. */
  shares: ShareRates
  /** What one account may train. */
  training: TrainingLimits
}

/** What an installation decides about accounts. */
export interface AccountOptions {
  /** Whether people may register by themselves. */
  isRegistrationOpen: boolean
  /** Whether an account with an unverified address may not use the API. */
  isVerificationRequired: boolean
  /** How long the token of a login works; null for ever. */
  loginLifetimeMs: number | null
  /** Base of links in messages, without a slash at the end. */
  publicUrl: () => string
}

/** What the routes call. */
export interface Services {
  accounts: Accounts
  tokens: AccessTokens
  signIn: SignIn
  links: MailLinks
  post: PostRoom
  userAdmin: UserAdmin
  dataExport: DataExport
  dataRemoval: DataRemoval
  dataSummaries: DataSummaries
  preparation: UploadPreparation
  receiver: UploadReceiver
  directUploads: DirectUploads
  targetColumn: TargetColumn
  staged: StagedFiles
  tables: TableFiles
  fits: Fits
  metering: Metering
  predictions: Predictions
  answers: Answers
  brains: Brains
  discoveries: Discoveries
  shares: Shares
  priorSamples: PriorSamples
  projects: Projects
  artefacts: Artefacts
  datasets: Datasets
  notes: Notes
  priorChecks: PriorChecks
  runs: Runs
  checkpoints: Checkpoints
  runners: Runners
  runnerJobs: RunnerJobs
  projectArchives: ProjectArchives
}

/** Build the domain over its ports. */
export function createServices(ports: DomainPorts, options: DomainOptions): Services {
  const { stores, blobs, contexts, urls, predictor, tables, clock, ids, log } = ports
  const { limits } = options
  const files = new UploadFiles({ uploads: stores.uploads, blobs, ids })
  const post = new PostRoom(ports.mailer, log)
  const notices = new UsageNotices({ accounts: stores.accounts, post, log })
  const metering = new Metering({
    accounts: stores.accounts,
    store: stores.usage,
    clock,
    ids,
    limits: options.metering,
    onNearlyUsedUp: (accountId, pool, used) => notices.nearlyUsedUp(accountId, pool, used),
  })
  const fits = new Fits({
    fits: stores.fits,
    files,
    contexts,
    predictor,
    metering,
    limits,
    thinking: options.thinking,
    clock,
    ids,
    log,
  })
  const preparation = new UploadPreparation({
    ...options,
    uploads: stores.uploads,
    fits: stores.fits,
    blobs,
    urls,
    clock,
    ids,
    metering,
  })
  const receiver = new UploadReceiver({ uploads: stores.uploads, blobs, urls, clock, ids, limits })
  const staged = new StagedFiles({ blobs, ids, maxFileBytes: limits.maxFileBytes })
  const projects = new Projects({
    projects: stores.projects,
    accounts: stores.accounts,
    clock,
    ids,
    onRemoved: () => removeOrphans(),
  })
  const storedTables = new StoredTables({ blobs, artefacts: stores.artefacts, staged })
  const artefacts = new Artefacts({ projects, artefacts: stores.artefacts, clock, ids })
  const datasets = new Datasets({ projects, artefacts, tables: storedTables, reader: ports.datasetReader })
  const removeOrphans = async () => {
    await runs.removeOrphans()
    await storedTables.removeOrphans()
  }
  const runs = new Runs({
    projects,
    artefacts: stores.artefacts,
    runs: stores.runs,
    runners: stores.runners,
    trainer: ports.trainer,
    clock,
    ids,
    log,
    atOnce: options.trainingAtOnce,
    allowance: new TrainingAllowance({
      accounts: stores.accounts,
      usage: stores.trainingUsage,
      clock,
      limits: options.training,
    }),
    onWork: () => runnerJobs.wake(),
  })
  const onChange = (runId: string) => runs.tell(runId)
  const runnerJobs = new RunnerJobs({
    ...stores,
    tables: storedTables,
    trainer: ports.trainer,
    clock,
    ids,
    log,
    onChange,
  })
  const discoveries = new Discoveries({ predictor, metering })
  const brains = new Brains({ runs, brainFolder: ports.brainFolder })
  const dataRemoval = new DataRemoval({
    removal: stores.removal,
    blobs,
    contexts,
    fits,
    onProjectsRemoved: removeOrphans,
  })
  const projectArchives = new ProjectArchives({
    projects,
    tables: storedTables,
    datasets,
    notes: stores.notes,
    artefacts: stores.artefacts,
    runs: stores.runs,
    trainer: ports.trainer,
    clock,
    ids,
    reader: ports.archives,
  })
  const people = accountServices(ports, options.accounts, { removal: dataRemoval, post })
  const runners = new Runners({
    runners: stores.runners,
    accounts: people.accounts,
    clock,
    ids,
    onRevoked: () => runnerJobs.expire(),
  })
  return {
    ...people,
    dataExport: new DataExport({ stores, blobs, projects, archives: projectArchives }),
    dataRemoval,
    dataSummaries: new DataSummaries(stores),
    preparation,
    receiver,
    staged,
    tables,
    directUploads: new DirectUploads({
      uploads: stores.uploads,
      preparation,
      receiver,
      staged,
      tables,
      limits,
    }),
    targetColumn: new TargetColumn({ staged, tables, files }),
    fits,
    metering,
    projects,
    runs,
    checkpoints: new Checkpoints({ runs, store: stores.runs, trainer: ports.trainer }),
    runners,
    runnerJobs,
    artefacts,
    datasets,
    notes: new Notes({ projects, notes: stores.notes, clock }),
    priorChecks: new PriorChecks({ projects, artefacts: stores.artefacts, trainer: ports.trainer }),
    projectArchives,
    predictions: new Predictions({ fits, files, contexts, predictor, metering, limits }),
    answers: new Answers({ predictor, metering, limits }),
    brains,
    priorSamples: new PriorSamples({ artefacts: stores.artefacts, sampler: ports.sampler }),
    discoveries,
    shares: new Shares({
      projects,
      runs,
      brains,
      shares: stores.shares,
      answers: new Answers({ predictor, metering, limits: shareLimits(limits) }),
      discoveries,
      metering,
      clock,
      ids,
      rates: options.shares,
    }),
  }
}

function accountServices(
  { stores, passwords, clock, ids }: DomainPorts,
  options: AccountOptions,
  { removal, post }: { removal: DataRemoval; post: PostRoom },
): Pick<Services, 'accounts' | 'tokens' | 'signIn' | 'links' | 'post' | 'userAdmin'> {
  const common = { ...options, store: stores.accounts, passwords, clock, ids }
  const accounts = new Accounts(common)
  const tokens = new AccessTokens(common)
  const links = new MailLinks({ ...common, post })
  const signIn = new SignIn({ ...common, accounts, tokens, links })
  const userAdmin = new UserAdmin({ ...common, accounts, tokens, links, removal })
  return { accounts, tokens, signIn, links, post, userAdmin }
}
