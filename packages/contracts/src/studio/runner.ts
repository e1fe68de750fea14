/** Runners: other machines of a member that train for the server (pfn-studio section 3.4). They call, and are never called. */
import { z } from 'zod'
import { requestIdSchema, responseIdSchema } from '../tabpfn/ids.ts'
import { findUnstorable, utf8Bytes } from './document-bounds.ts'
import { handleSchema, studioNameSchema } from './ids.ts'
import { COMPUTE_PROVIDERS, evalScoreSchema, RUN_EVENTS, RUN_STATUSES } from './run.ts'

/** What a run may say instead of a runner's name. */
export const COMPUTE_TARGETS = ['server', 'runner'] as const

/** Most runners of one account. */
export const MAX_RUNNERS = 50

/** A runner that says nothing for so long has lost its run. */
export const CLAIM_SECONDS = 90

/** Longest time that a question for work is held, in seconds; clients give up at 35. */
export const MAX_POLL_SECONDS = 25

/** Events of one request, at most. */
export const MAX_RUNNER_EVENTS = 1_000

/** Largest event, as JSON, in bytes. */
export const MAX_EVENT_BYTES = 8_192

/** Events that one run keeps of those that a runner tells. */
export const MAX_RUN_EVENTS = 250_000

const time = z.iso.datetime().describe('UTC')
const text = z.string().max(500)

/** What a runner tells of itself; a program may tell more than is listed here. */
export const capabilitiesSchema = z
  .record(
    z.string().min(1).max(64),
    z.union([text, z.number(), z.boolean(), z.null(), z.array(z.string().max(100)).max(32)]),
  )
  .refine((given) => Object.keys(given).length <= 64, 'must have at most 64 entries')
  .refine((given) => !Object.hasOwn(given, '__proto__'), 'may not have an entry "__proto__"')
  .describe('Such as osArch, hostname, cpus, gpu, diskFreeGb')

export type RunnerCapabilities = z.infer<typeof capabilitiesSchema>

export const runnerSchema = z
  .object({
    id: responseIdSchema,
    name: z.string(),
    prefix: z.string().describe('First 12 characters of its token'),
    createdAt: time,
    lastSeenAt: time.nullable().describe('null: never; to half a minute'),
    capabilities: z.record(z.string(), z.unknown()).nullable().describe('What it told of itself last'),
  })
  .meta({ id: 'Runner', description: 'A machine that may train for the projects of its account' })

export type RunnerDescription = z.infer<typeof runnerSchema>

export const runnerListSchema = z.object({ runners: z.array(runnerSchema) }).meta({ id: 'RunnerList' })

export const createRunnerSchema = z
  .strictObject({
    name: studioNameSchema
      .pipe(z.string().max(100, 'must have at most 100 characters'))
      .refine((name) => !COMPUTE_TARGETS.some((word) => word === name), 'is a word of `compute.target`'),
  })
  .meta({ id: 'CreateRunner', examples: [{ name: 'gpu-box' }] })

export const createdRunnerSchema = runnerSchema
  .extend({ token: z.string().describe('The token itself, shown this once') })
  .meta({ id: 'CreatedRunner' })

export const runnerIdSchema = z.object({ runnerId: requestIdSchema })

/** The run that a runner's call is about; what does not exist is a 404, whatever its form. */
export const jobIdSchema = z.object({ runId: handleSchema.describe('Id of the run') })

export const claimQuerySchema = z.object({
  claim: z
    .string()
    .max(64)
    .optional()
    .describe('`claim` of the job; tells a runner that lost its run from one that got it again'),
})

export const reportCapabilitiesSchema = z
  .object({ capabilities: capabilitiesSchema })
  .meta({ id: 'RunnerCapabilities', examples: [{ capabilities: { osArch: 'linux-x64', cpus: 16 } }] })

export const runnerHelloSchema = z
  .object({ runner: z.object({ id: responseIdSchema, name: z.string() }), version: z.string() })
  .meta({ id: 'RunnerHello' })

export type RunnerHello = z.infer<typeof runnerHelloSchema>

export const jobQuerySchema = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(MAX_POLL_SECONDS)
    .optional()
    .describe(`Seconds that the answer may take when there is nothing to do; default ${MAX_POLL_SECONDS}`),
})

const pinned = z.object({ id: z.string().nullable(), slug: z.string(), version: z.string().nullable() })

export const jobSchema = z
  .object({
    runId: responseIdSchema,
    runSlug: z.string(),
    priorRef: pinned.extend({ overrides: z.record(z.string(), z.unknown()) }),
    modelRef: pinned,
    evalRefs: z.array(pinned),
    hyperparams: z.record(z.string(), z.unknown()),
    provider: z.enum(COMPUTE_PROVIDERS).describe('What to compute it on'),
    claim: z.string().describe('Send it with every call about this job'),
    checkpoint: z
      .object({ step: z.int() })
      .nullable()
      .optional()
      .describe('The saved state that the run goes on from; null when it begins'),
  })
  .meta({ id: 'RunnerJob' })

export const nextJobSchema = z
  .union([
    z.object({ status: z.literal('idle') }),
    z.object({
      status: z.literal('job'),
      job: jobSchema,
      pendingPublishes: z
        .array(z.object({ runId: z.string(), runSlug: z.string() }))
        .describe('Always empty: a run is completed only when its brain is here'),
    }),
  ])
  .meta({ id: 'RunnerNextJob' })

export type NextJob = z.infer<typeof nextJobSchema>

export const jobStateSchema = z
  .object({
    status: z.enum(RUN_STATUSES),
    cancel: z.boolean().describe('Whether to stop: nobody waits for this run any more'),
  })
  .meta({ id: 'RunnerJobState' })

export type JobState = z.infer<typeof jobStateSchema>

/** An event that a runner tells: flat JSON of bounded size, in which what is not finite is null. */
const runnerEventSchema = z
  .looseObject({
    event: z
      .string()
      .min(1)
      .max(64)
      .describe(`Such as ${RUN_EVENTS.join(', ')}`),
  })
  .superRefine((event, ctx) => {
    const problem = findUnstorable(event)
    if (problem) return ctx.addIssue({ code: 'custom', path: problem.path, message: problem.message })
    if (utf8Bytes(JSON.stringify(event)) > MAX_EVENT_BYTES)
      ctx.addIssue({ code: 'custom', message: `must have at most ${MAX_EVENT_BYTES} bytes` })
  })

export type RunnerEvent = z.infer<typeof runnerEventSchema>

const eventList = z.array(runnerEventSchema).max(MAX_RUNNER_EVENTS)
const from = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .optional()
  .describe('How many events of this claim were told before; those that are known are not stored again')

export const tellEventsSchema = z
  .object({ events: eventList, from })
  .meta({ id: 'RunnerEvents', examples: [{ events: [{ event: 'step', step: 0, loss: 0.7 }], from: 0 }] })

export const toldEventsSchema = jobStateSchema
  .extend({
    received: z.int().describe('Events of this claim that are known now'),
    dropped: z.int().describe(`Events of this call that the run has no room for, beyond ${MAX_RUN_EVENTS}`),
  })
  .meta({ id: 'RunnerEventsTold' })

export const artifactReceivedSchema = z
  .object({ bytes: z.int().describe('Of the checkpoint, unpacked') })
  .meta({ id: 'RunnerArtifact' })

export const stateReceivedSchema = artifactReceivedSchema
  .extend({ step: z.int().describe('Where the run goes on') })
  .meta({ id: 'RunnerCheckpoint' })

const figure = z.number().nullish()

/** Largest results of a run, as JSON, in bytes. */
const MAX_RESULTS_BYTES = 262_144

export type ToldEvents = z.infer<typeof toldEventsSchema>

/** Figures of a completed run; what is missing is read from the `done` event, and is null otherwise. */
const reportedResultsSchema = z
  .object({
    steps: z.int().min(0).nullish(),
    final_loss: figure,
    mean_loss_first_10pct: figure,
    mean_loss_last_10pct: figure,
    held_out_ratio: figure,
    wall_time_s: figure,
    evals: z.record(z.string().max(100), evalScoreSchema).nullish().describe('By slug'),
  })
  .superRefine((results, ctx) => {
    const problem = findUnstorable(results)
    if (problem) return ctx.addIssue({ code: 'custom', path: problem.path, message: problem.message })
    if (utf8Bytes(JSON.stringify(results)) > MAX_RESULTS_BYTES)
      ctx.addIssue({ code: 'custom', message: `must have at most ${MAX_RESULTS_BYTES} bytes` })
  })

export type ReportedResults = z.infer<typeof reportedResultsSchema>

export const runnerResultSchema = z
  .object({
    status: z
      .enum(['completed', 'failed', 'cancelled', 'error', 'skipped'])
      .describe('`completed` needs the brain, which is uploaded before; `error` is another word for failed'),
    events: eventList.nullish().describe('Events that were not told before'),
    from,
    error: z
      .union([z.string().max(4_000), z.object({ message: z.string().max(4_000) })])
      .nullish()
      .describe('Why it failed or was skipped'),
    results: reportedResultsSchema.nullish(),
    artifactRef: z
      .looseObject({ runId: z.string().max(200).nullish() })
      .nullish()
      .describe('Read and not kept: the brain is here'),
  })
  .meta({ id: 'RunnerResult', examples: [{ status: 'failed', error: { message: 'out of memory' } }] })

export type RunnerResult = z.infer<typeof runnerResultSchema>
