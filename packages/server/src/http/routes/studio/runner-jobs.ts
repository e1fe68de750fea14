import {
  claimQuerySchema,
  type JobState,
  jobIdSchema,
  jobQuerySchema,
  jobStateSchema,
  MAX_POLL_SECONDS,
  nextJobSchema,
  ROUTES,
  reportCapabilitiesSchema,
  runnerHelloSchema,
  runnerResultSchema,
  tellEventsSchema,
  toldEventsSchema,
} from '@posterior/contracts'
import { z } from 'zod'
import type { JobAddress } from '../../../domain/studio/runners/runner-jobs.ts'
import { type Api, errorResponses } from '../../api.ts'
import { closeSignal } from '../../close-signal.ts'
import type { AppDeps } from '../../deps.ts'
import { runnerOf } from '../../plugins/runner-auth.ts'
import { describeJob } from '../../present/runner.ts'

const tags = ['runners']

/** `/runner`: the work of runners (pfn-studio section 3.4). */
export function runnerJobRoutes(app: Api, { services, version }: AppDeps): void {
  const { runners, runnerJobs } = services
  const reported = {
    tags,
    summary: 'Report capabilities',
    description:
      'What the machine is, for the list of runners. The answer says as which runner the token is known.',
    body: reportCapabilitiesSchema,
    response: { 200: runnerHelloSchema, ...errorResponses('REQUEST_VALIDATION_ERROR') },
  }
  app.post(ROUTES.reportCapabilities.path, { schema: reported }, async (request) => {
    const runner = runnerOf(request)
    await runners.report(runner, request.body.capabilities)
    return { runner: { id: runner.id, name: runner.name }, version }
  })

  const asked = {
    tags,
    summary: 'Ask for the next job',
    description: `Held for up to ${MAX_POLL_SECONDS} seconds until there is a run to train, which is claimed for this runner.`,
    querystring: jobQuerySchema,
    response: { 200: nextJobSchema },
  }
  app.get(ROUTES.nextJob.path, { schema: asked }, async (request, reply) => {
    const waitMs = (request.query.wait ?? MAX_POLL_SECONDS) * 1_000
    reply.header('cache-control', 'no-store')
    return describeJob(await runnerJobs.next(runnerOf(request), { waitMs, signal: closeSignal(reply) }))
  })

  const call = { params: jobIdSchema, querystring: claimQuerySchema }
  const failures = errorResponses('NOT_FOUND', 'CLAIM_LOST')
  const bundled = {
    ...{ tags, ...call },
    summary: 'Fetch the bundle of a job',
    description:
      'A tar.gz in the canonical layout with exactly the versions that the run refers to, the run itself, and ' +
      '`posterior/plan.json`, which says in full what is trained.',
    response: {
      200: { description: 'The archive', content: { 'application/gzip': { schema: z.file() } } },
      ...failures,
    },
  }
  app.get(ROUTES.getJobBundle.path, { schema: bundled }, async (request, reply) => {
    reply.type('application/gzip')
    return reply.send((await runnerJobs.bundle(runnerOf(request), jobOf(request))) as never)
  })

  const continued = {
    ...{ tags, ...call },
    summary: 'Fetch the checkpoint of a job',
    description:
      'The state that the run goes on from, as it was uploaded; 404 when the run begins, which `checkpoint` of the job says.',
    response: {
      200: { description: 'The archive', content: { 'application/gzip': { schema: z.file() } } },
      ...failures,
    },
  }
  app.get(ROUTES.getJobState.path, { schema: continued }, async (request, reply) => {
    reply.type('application/gzip')
    return reply.send((await runnerJobs.state(runnerOf(request), jobOf(request))) as never)
  })

  const beaten = {
    ...{ tags, ...call },
    summary: 'Keep a job',
    description:
      'Say that the runner is at work. After 90 seconds of silence the run goes back into the queue.',
    response: { 200: jobStateSchema, ...failures },
  }
  app.post(ROUTES.beatJob.path, { schema: beaten }, async (request): Promise<JobState> => {
    return runnerJobs.heartbeat(runnerOf(request), jobOf(request))
  })

  const told = {
    ...{ tags, ...call },
    summary: 'Tell events of a job',
    description:
      'Appended to the events of the run. `done` and `error` are not kept: the result says how the run ended. Events of an ' +
      'unknown kind become lines of the log.',
    body: tellEventsSchema,
    response: { 200: toldEventsSchema, ...failures },
  }
  app.post(ROUTES.tellJobEvents.path, { schema: told }, async (request) => {
    return runnerJobs.tell(runnerOf(request), jobOf(request), request.body)
  })

  const returned = {
    ...{ tags, ...call },
    summary: 'Hand a job back',
    description: 'The run goes back into the queue at once, for another runner or for this one later.',
    response: { 200: jobStateSchema, ...failures },
  }
  app.post(ROUTES.handBackJob.path, { schema: returned }, async (request): Promise<JobState> => {
    return runnerJobs.handBack(runnerOf(request), jobOf(request))
  })

  const ended = {
    ...{ tags, ...call },
    summary: 'End a job',
    description:
      'How the run ended. `completed` needs its checkpoint, uploaded before; a run of no steps counts as skipped. The same ' +
      'result again is answered as the first time.',
    body: runnerResultSchema,
    response: { 200: jobStateSchema, ...errorResponses('NOT_FOUND', 'CLAIM_LOST', 'BRAIN_MISSING') },
  }
  app.post(ROUTES.endJob.path, { schema: ended }, async (request): Promise<JobState> => {
    return runnerJobs.end(runnerOf(request), jobOf(request), request.body)
  })
}

/** The job that a call is about. */
export function jobOf({
  params,
  query,
}: {
  params: { runId: string }
  query: { claim?: string | undefined }
}): JobAddress {
  return { run: params.runId, claim: query.claim }
}
