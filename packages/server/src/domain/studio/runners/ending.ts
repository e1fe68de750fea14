/** What becomes of a run when its runner says that it ended. */
import type { RunResults, RunStatus } from '@posterior/contracts'
import type { Claim } from '../../ports/runners.ts'
import type { NewRunEvent, Run, RunChange } from '../../ports/runs.ts'
import type { ReportedEnd } from './reported-events.ts'

/** The last change of the run and its last event. */
export interface Ending {
  change: RunChange & { status: RunStatus }
  event: NewRunEvent
}

/** The ending of `run` at `ts`. What the brain takes is read from the checkpoint that came, not from what the runner says. */
export function endingOf(
  run: Run,
  { claim, end, ts }: { claim: Claim; end: ReportedEnd; ts: number },
): Ending {
  switch (end.kind) {
    case 'completed': {
      const results = resultsOf(run, { claim, end, ts })
      const artifactRef = { kind: 'server', runId: run.id, sizeBytes: claim.artifact?.bytes ?? null }
      const fields = { status: 'completed', ...results, artifactRef }
      const change = { status: 'completed', results, finishedAt: ts } as const
      return { change, event: { ts, event: 'done', fields } }
    }
    case 'skipped': {
      const change = { status: 'skipped', error: end.reason, finishedAt: ts } as const
      return { change, event: { ts, event: 'done', fields: { status: 'skipped', reason: end.reason } } }
    }
    case 'failed': {
      const change = { status: 'failed', error: end.reason, finishedAt: ts } as const
      return { change, event: { ts, event: 'error', fields: { message: end.reason } } }
    }
    case 'cancelled': {
      const change = { status: 'cancelled', finishedAt: ts } as const
      return { change, event: { ts, event: 'done', fields: { status: 'cancelled' } } }
    }
  }
}

function resultsOf(
  run: Run,
  { claim, end, ts }: { claim: Claim; end: ReportedEnd & { kind: 'completed' }; ts: number },
): RunResults {
  const { figures, evals } = end
  const missing = { step: figures.steps, metrics: {}, meta: {}, skipped: true }
  const unmeasured = run.evals
    .filter(({ slug }) => !Object.hasOwn(evals, slug))
    .map(({ slug }) => [slug, { ...missing, skip_reason: 'the runner told no score' }])
  return {
    ...figures,
    d_in: claim.artifact?.inputs.d_in ?? null,
    ...(claim.artifact && { inputs: claim.artifact.inputs }),
    wall_time_s: figures.wall_time_s ?? (ts - (run.startedAt ?? ts)) / 1_000,
    evals: { ...evals, ...Object.fromEntries(unmeasured) },
  }
}
