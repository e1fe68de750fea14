import type { Kysely } from 'kysely'
import type { Stores } from '../../domain/ports/stores.ts'
import { SqliteAccountStore } from './account-store.ts'
import { SqliteArtefactStore } from './artefact-store.ts'
import { SqliteClaimStore } from './claim-store.ts'
import { SqliteFitStore } from './fit-store.ts'
import { SqliteNoteStore } from './note-store.ts'
import { SqliteProjectStore } from './project-store.ts'
import { SqliteRemovalStore } from './removal-store.ts'
import { SqliteRunStore } from './run-store.ts'
import { SqliteRunnerStore } from './runner-store.ts'
import type { Schema } from './schema.ts'
import { SqliteShareStore } from './share-store.ts'
import { SqliteTrainingUsageStore } from './training-usage-store.ts'
import { SqliteUploadStore } from './upload-store.ts'
import { SqliteUsageStore } from './usage-store.ts'

/** The stores over one database. */
export function sqliteStores(db: Kysely<Schema>): Stores {
  return {
    accounts: new SqliteAccountStore(db),
    uploads: new SqliteUploadStore(db),
    fits: new SqliteFitStore(db),
    removal: new SqliteRemovalStore(db),
    usage: new SqliteUsageStore(db),
    projects: new SqliteProjectStore(db),
    artefacts: new SqliteArtefactStore(db),
    notes: new SqliteNoteStore(db),
    runs: new SqliteRunStore(db),
    trainingUsage: new SqliteTrainingUsageStore(db),
    runners: new SqliteRunnerStore(db),
    claims: new SqliteClaimStore(db),
    shares: new SqliteShareStore(db),
  }
}
