import { dirname, join, resolve } from 'node:path'
import { FolderBlobStore } from './adapters/blobs/folder-blob-store.ts'
import { FolderContextStore } from './adapters/blobs/folder-context-store.ts'
import { readOrCreateSecret } from './adapters/blobs/secret-file.ts'
import { HmacUploadUrls } from './adapters/blobs/signed-urls.ts'
import { openDatabase } from './adapters/sqlite/open.ts'
import { sqliteStores } from './adapters/sqlite/stores.ts'
import { openDataFolder } from './adapters/system/data-folder.ts'
import { pairWithDatabase } from './adapters/system/installation.ts'
import { systemClock, systemIds } from './adapters/system/system.ts'
import { FolderTableFiles } from './adapters/tables/folder-table-files.ts'
import type { Clock } from './domain/ports/system.ts'
import type { DomainPorts } from './domain/services.ts'
import { tableKey } from './domain/studio/datasets/stored-tables.ts'

/** Everything that is kept, and the folder where a self-test may write. */
export interface Storage
  extends Omit<
    DomainPorts,
    'predictor' | 'trainer' | 'archives' | 'datasetReader' | 'sampler' | 'passwords' | 'mailer' | 'log'
  > {
  scratchFolder: string
  /** Where the tables of datasets are, each under its hash. */
  tablesFolder: string
  /** Where each training run has a folder. */
  runsFolder: string
  /** Close the database and let another process have the folder. */
  close(): Promise<void>
}

/**
 * Open the data folder and all that is in it.
 *
 * @throws Error when another process has the folder, the database cannot be opened, or database and files do not belong
 *   together
 */
export async function openStorage(paths: {
  dataDir: string
  /** Database file; in the data folder when absent. */
  database?: string | undefined
  /** Folder of uploads and contexts; the data folder when absent. */
  blobs?: string | undefined
  /** The system's clock when absent. */
  clock?: Clock | undefined
}): Promise<Storage> {
  const folder = await openDataFolder(paths.dataDir)
  const releases = [async () => folder.release()]
  const close = async () => {
    for (const release of releases.splice(0).reverse()) await release()
  }
  try {
    const root = resolve(paths.blobs ?? folder.path)
    if (root !== folder.path) {
      const blobFolder = await openDataFolder(root)
      releases.push(async () => blobFolder.release())
    }
    const db = await openDatabase(paths.database ?? join(folder.path, 'posterior.sqlite'))
    releases.push(() => db.destroy())
    await pairWithDatabase(root, db, systemIds)
    const runsFolder = join(folder.path, 'runs')
    const secret = await readOrCreateSecret(join(folder.path, 'secrets', 'upload-urls'))
    const blobs = await FolderBlobStore.open(root, systemIds)
    return {
      stores: sqliteStores(db),
      blobs,
      tablesFolder: dirname(await blobs.localPath(tableKey('any'))),
      contexts: await FolderContextStore.open(root),
      urls: new HmacUploadUrls(secret),
      clock: paths.clock ?? systemClock,
      ids: systemIds,
      tables: new FolderTableFiles(join(root, 'tmp'), systemIds),
      scratchFolder: join(root, 'tmp'),
      runsFolder,
      brainFolder: (runId) => join(runsFolder, runId, 'model'),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
