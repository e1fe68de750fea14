/** Runs and their events as the routes show them. */
import type { CheckpointDescription, RunDescription, RunEventDescription } from '@posterior/contracts'
import type { Run, StoredRunEvent } from '../../domain/ports/runs.ts'
import type { ScoredCheckpoint } from '../../domain/studio/runs/checkpoints.ts'

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()
const isoTimeOrNull = (milliseconds: number | null) => (milliseconds === null ? null : isoTime(milliseconds))

export function describeRun(run: Run): RunDescription {
  const { id, projectId, slug, description, status, prior, model, evals, hyperparams, results } = run
  const { target, runner, provider, maxSeconds } = run.compute
  const compute = { target, runner, provider, max_seconds: maxSeconds }
  return {
    ...{ id, projectId, slug, description, status, prior, model, evals, hyperparams, results, compute },
    error: run.error === null ? null : { message: run.error },
    createdAt: isoTime(run.createdAt),
    startedAt: isoTimeOrNull(run.startedAt),
    finishedAt: isoTimeOrNull(run.finishedAt),
  }
}

export function describeRunEvent({ seq, ts, event, fields }: StoredRunEvent): RunEventDescription {
  return { ...fields, seq, ts: isoTime(ts), event }
}

export function describeCheckpoint(checkpoint: ScoredCheckpoint): CheckpointDescription {
  const { step, savedAt, sha256, bytes, isBrain, scores } = checkpoint
  return { step, saved_at: isoTime(savedAt), sha256, bytes, is_brain: isBrain, scores }
}
