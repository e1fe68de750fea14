/**
 * Putting the store in order: at start for what a kill left behind, and from time to time for uploads that were never
 * finished. Nothing that was acknowledged is touched.
 */
import { errorMessage } from '@posterior/contracts'
import { sweepUsage } from './metering/sweep-usage.ts'
import type { BlobStore, ContextStore } from './ports/blobs.ts'
import type { TrainingUsageStore } from './ports/runs.ts'
import type { FitStore, UploadStore } from './ports/stores.ts'
import type { ArtefactStore } from './ports/studio.ts'
import type { Clock, Log } from './ports/system.ts'
import type { UsageStore } from './ports/usage.ts'
import { tableKey } from './studio/datasets/stored-tables.ts'

/** A PUT that began just before its URL expired may take this long. */
const PUT_GRACE_MS = 3 * 3_600_000

export interface SweepDeps {
  uploads: UploadStore
  fits: FitStore
  artefacts: Pick<ArtefactStore, 'tableHashes'>
  usage: UsageStore
  trainingUsage: TrainingUsageStore
  blobs: BlobStore
  contexts: ContextStore
  clock: Clock
  log: Log
}

/** What was removed or mended. */
export interface SweepReport {
  interruptedFits: number
  /** Amounts that were held by work which a kill broke off, given back. */
  releasedCharges: number
  abandonedUploads: number
  orphanBlobs: number
  orphanContexts: number
}

/**
 * Mend the store before anything else uses it: fits that were running are failed, and files that no row refers to are
 * removed. Never while work is running: a part that has just been written has no row yet.
 */
export async function sweepAtStart(deps: SweepDeps): Promise<SweepReport> {
  const { uploads, fits, artefacts, usage, trainingUsage, blobs, contexts, clock, log } = deps
  const pending = await fits.findPending()
  const message = errorMessage('FIT_INTERRUPTED')
  for (const id of pending)
    await fits.fail(id, { code: 'FIT_INTERRUPTED', message, completedAt: clock.now() })

  const { abandonedUploads } = await sweepAbandonedUploads(deps)
  const known = new Set([...(await uploads.blobKeys()), ...(await artefacts.tableHashes()).map(tableKey)])
  const orphans = (await blobs.list()).filter((key) => !known.has(key))
  await blobs.remove(orphans)

  const completed = new Set(await fits.completedIds())
  const orphanContexts = (await contexts.list()).filter((id) => !completed.has(id))
  for (const id of orphanContexts) await contexts.remove(id)

  const releasedCharges = await usage.releaseUnsettled()
  await sweepUsage({ usage, trainingUsage, clock })
  const report: SweepReport = {
    interruptedFits: pending.length,
    releasedCharges,
    abandonedUploads,
    orphanBlobs: orphans.length,
    orphanContexts: orphanContexts.length,
  }
  if (Object.values(report).some((count) => count > 0)) log.info({ ...report }, 'leftovers were removed')
  return report
}

/** Remove uploads whose URLs expired before every part arrived; safe at any time. */
export async function sweepAbandonedUploads(
  deps: Pick<SweepDeps, 'uploads' | 'blobs' | 'clock'>,
): Promise<{ abandonedUploads: number }> {
  const { uploads, blobs, clock } = deps
  const abandoned = await uploads.findAbandoned(clock.now() - PUT_GRACE_MS)
  for (const upload of abandoned) {
    const parts = await Promise.all(upload.files.map((file) => uploads.parts(upload.id, file.role)))
    await uploads.remove(upload.id)
    await blobs.remove(parts.flat().map((part) => part.blobKey))
  }
  return { abandonedUploads: abandoned.length }
}
