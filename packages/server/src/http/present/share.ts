/** Share links as the routes show them. */
import { SHARE_LIMITS, type ShareDescription, type SharedBrain } from '@posterior/contracts'
import type { Run } from '../../domain/ports/runs.ts'
import type { Share } from '../../domain/ports/shares.ts'

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()
const isoTimeOrNull = (milliseconds: number | null) => (milliseconds === null ? null : isoTime(milliseconds))

export function describeShare(share: Share): ShareDescription {
  return {
    id: share.id,
    run_id: share.runId,
    label: share.label,
    prefix: share.prefix,
    created_by: share.createdBy,
    created_at: isoTime(share.createdAt),
    expires_at: isoTimeOrNull(share.expiresAt),
    max_calls: share.maxCalls,
    calls: share.calls,
    last_used_at: isoTimeOrNull(share.lastUsedAt),
    revoked_at: isoTimeOrNull(share.revokedAt),
  }
}

/** What whoever has a link may know of its brain. */
export function describeSharedBrain({ results }: Pick<Run, 'results'>): SharedBrain {
  const inputs = results?.inputs ?? null
  return {
    task: inputs?.task ?? null,
    d_in: results?.d_in ?? null,
    inputs,
    limits: { ...SHARE_LIMITS },
  }
}
