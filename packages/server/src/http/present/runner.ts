/** Runners and their jobs as the routes show them. */
import type { NextJob, RunnerDescription } from '@posterior/contracts'
import type { Runner } from '../../domain/ports/runners.ts'
import type { OfferedJob } from '../../domain/studio/runners/runner-jobs.ts'

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()

/** A runner without its token. */
export function describeRunner(runner: Runner): RunnerDescription {
  const { id, name, prefix, createdAt, lastSeenAt, capabilities } = runner
  return {
    ...{ id, name, prefix, capabilities },
    createdAt: isoTime(createdAt),
    lastSeenAt: lastSeenAt === null ? null : isoTime(lastSeenAt),
  }
}

/** What a runner that asks for work is told. */
export function describeJob(job: OfferedJob | undefined): NextJob {
  if (!job) return { status: 'idle' }
  const { run, claim, savedStep } = job
  const { size: _size, ...modelRef } = run.model
  return {
    status: 'job',
    job: {
      runId: run.id,
      runSlug: run.slug,
      priorRef: run.prior,
      modelRef,
      evalRefs: run.evals,
      hyperparams: run.hyperparams,
      provider: run.compute.provider,
      claim: claim.id,
      checkpoint: savedStep === null ? null : { step: savedStep },
    },
    pendingPublishes: [],
  }
}
