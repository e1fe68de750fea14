import { Accounts } from './accounts/accounts.ts'
import { DataExport } from './data/data-export.ts'
import { DataRemoval } from './data/data-removal.ts'
import { DataSummaries } from './data/data-summaries.ts'
import { DirectUploads } from './direct/direct-uploads.ts'
import { StagedFiles } from './direct/staged-files.ts'
import { TargetColumn } from './direct/target-column.ts'
import { Fits } from './fits/fits.ts'
import type { Limits } from './limits.ts'
import { Metering, type MeteringLimits } from './metering/metering.ts'
import type { BlobStore, ContextStore, UploadUrls } from './ports/blobs.ts'
import type { Predictor } from './ports/predictor.ts'
import type { Stores } from './ports/stores.ts'
import type { Clock, Ids, Log } from './ports/system.ts'
import type { TableFiles } from './ports/tables.ts'
import { Predictions } from './predictions/predictions.ts'
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
  tables: TableFiles
  clock: Clock
  ids: Ids
  log: Log
}

/** What an installation decides. */
export interface DomainOptions {
  limits: Limits
  metering: MeteringLimits
  urlLifetimeMs: number
  chunkBytes: number
}

/** What the routes call. */
export interface Services {
  accounts: Accounts
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
}

/** Build the domain over its ports. */
export function createServices(ports: DomainPorts, options: DomainOptions): Services {
  const { stores, blobs, contexts, urls, predictor, tables, clock, ids, log } = ports
  const { limits } = options
  const files = new UploadFiles({ uploads: stores.uploads, blobs, ids })
  const metering = new Metering({
    store: stores.usage,
    clock,
    ids,
    limits: options.metering,
    onNearlyUsedUp: (accountId, { resource, used, limit }) =>
      log.warn({ accountId, resource, used, limit }, 'a pool is nearly used up'),
  })
  const fits = new Fits({ fits: stores.fits, files, contexts, predictor, limits, clock, ids, log })
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
  return {
    accounts: new Accounts({ store: stores.accounts, clock, ids }),
    dataExport: new DataExport({ stores, blobs }),
    dataRemoval: new DataRemoval({ removal: stores.removal, blobs, contexts, fits }),
    dataSummaries: new DataSummaries(stores),
    preparation,
    receiver,
    staged,
    tables,
    directUploads: new DirectUploads({ uploads: stores.uploads, preparation, receiver, staged }),
    targetColumn: new TargetColumn({ staged, tables, files }),
    fits,
    metering,
    predictions: new Predictions({ fits, files, contexts, predictor, metering, limits }),
  }
}
