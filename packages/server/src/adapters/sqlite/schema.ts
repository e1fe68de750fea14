/** Tables as Kysely sees them. Times are milliseconds since 1970 UTC; booleans 0 or 1; JSON is text. */

/** One row: the id that database and blob folder share. */
export interface InstallationTable {
  id: string
}

export interface AccountsTable {
  id: string
  name: string
  email: string | null
  password_hash: string | null
  is_verified: number
  is_admin: number
  created_at: number
}

export interface TokensTable {
  id: string
  account_id: string
  hash: string
  label: string
  kind: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
  prefix: string | null
}

export interface MailLinksTable {
  hash: string
  account_id: string
  purpose: string
  expires_at: number
}

export interface UploadsTable {
  id: string
  account_id: string
  kind: string
  fitted_train_set_id: string | null
  description: string | null
  created_at: number
  expires_at: number
}

export interface UploadFilesTable {
  upload_id: string
  role: string
  format: string
  declared_hash: string | null
  declared_size: number | null
  part_count: number
  state: string
  size_bytes: number | null
  hash: string | null
  blob_key: string | null
}

export interface UploadPartsTable {
  upload_id: string
  role: string
  part_index: number
  size_bytes: number
  crc32c: number
  sha256: string
  blob_key: string
}

export interface FitsTable {
  id: string
  account_id: string
  train_set_upload_id: string
  task: string
  config: string
  fingerprint: string
  thinking: string | null
  model: string
  status: string
  train_rows: number | null
  columns: number | null
  classes: string | null
  error_code: string | null
  error_message: string | null
  created_at: number
  completed_at: number | null
}

/** Sums of one account for a day (`2026-11-22`) or a month (`2026-11`). */
export interface UsagePeriodsTable {
  account_id: string
  period: string
  tokens: number
  thinking_fits: number
}

export interface UsageChargesTable {
  id: string
  account_id: string
  request_key: string
  subject: string
  operation: string
  day: string
  month: string
  tokens: number
  thinking_fits: number
  /** Requests at work that share it. */
  holders: number
  is_settled: number
  /** Whether the same request sent again shares it. */
  is_open: number
  created_at: number
}

export interface StudioProjectsTable {
  id: string
  account_id: string | null
  slug: string
  slug_key: string
  name: string
  description: string
  roadmap: string
  created_at: number
  updated_at: number
}

export interface StudioMembersTable {
  project_id: string
  account_id: string
  role: string
  added_at: number
}

export interface StudioArtefactsTable {
  id: string
  project_id: string
  kind: string
  slug: string
  slug_key: string
  forked_from: string | null
  created_at: number
}

export interface StudioVersionsTable {
  artefact_id: string
  /** 0 for the first version of the artefact, then 1, ... */
  position: number
  version: string
  name: string
  spec: string
  hash: string
  bytes: number
  created_at: number
}

export interface StudioNotesTable {
  project_id: string
  kind: string
  id: string
  text: string
  /** JSON. */
  fields: string
  bytes: number
  created_at: number
  updated_at: number
}

export interface StudioRunsTable {
  id: string
  project_id: string
  /** Who ordered it; null when gone or not known. */
  account_id: string | null
  /** 1 for the first run of the project, then 2, ... */
  number: number
  slug: string
  slug_key: string
  description: string | null
  status: string
  recipe: string
  plan: string
  /** `server` or `runner`. */
  target: string
  /** More about where it trains, as JSON; null for runs from before there was a choice. */
  compute: string | null
  /** The one runner that may take it; null for any. */
  runner_id: string | null
  results: string | null
  error: string | null
  created_at: number
  /** When it came into the queue first; null for drafts, and for runs from before it was kept. */
  queued_at: number | null
  started_at: number | null
  finished_at: number | null
}

/** Time of training of one account on one day (UTC, `2026-11-22`). */
export interface TrainingUsageTable {
  account_id: string
  day: string
  milliseconds: number
}

export interface StudioRunEventsTable {
  run_id: string
  seq: number
  ts: number
  event: string
  fields: string
}

export interface StudioRunnersTable {
  id: string
  account_id: string
  name: string
  hash: string
  prefix: string
  created_at: number
  last_seen_at: number | null
  capabilities: string | null
}

export interface StudioClaimsTable {
  run_id: string
  id: string
  runner_id: string
  claimed_at: number
  heard_at: number
  events: number
  artifact: string | null
}

export interface StudioSharesTable {
  id: string
  run_id: string
  created_by: string
  hash: string
  prefix: string
  label: string | null
  created_at: number
  expires_at: number | null
  max_calls: number | null
  calls: number
  last_used_at: number | null
  revoked_at: number | null
}

export interface Schema {
  installation: InstallationTable
  accounts: AccountsTable
  tokens: TokensTable
  mail_links: MailLinksTable
  uploads: UploadsTable
  upload_files: UploadFilesTable
  upload_parts: UploadPartsTable
  fits: FitsTable
  usage_periods: UsagePeriodsTable
  usage_charges: UsageChargesTable
  studio_projects: StudioProjectsTable
  studio_members: StudioMembersTable
  studio_artefacts: StudioArtefactsTable
  studio_versions: StudioVersionsTable
  studio_notes: StudioNotesTable
  studio_runs: StudioRunsTable
  studio_run_events: StudioRunEventsTable
  training_usage: TrainingUsageTable
  studio_runners: StudioRunnersTable
  studio_claims: StudioClaimsTable
  studio_shares: StudioSharesTable
}
