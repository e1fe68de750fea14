/** Runs: the training of a brain on a prior (pfn-studio sections 2.1, 2.2, 5). */
import { z } from 'zod'
import { responseIdSchema } from '../tabpfn/ids.ts'
import { brainInputsSchema } from './brain.ts'
import { freeTextSchema } from './document-bounds.ts'
import { handleSchema, slugSchema, versionSchema } from './ids.ts'
import { MAX_PROJECT_RUNS } from './limits.ts'
import { projectIdSchema } from './project.ts'

/**
 * `draft`: it waits for somebody to submit it. `skipped`: it went through its steps and changed nothing; never shown as
 * completed.
 */
export const RUN_STATUSES = [
  'draft',
  'queued',
  'running',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const

export type RunStatus = (typeof RUN_STATUSES)[number]

/** Whether nothing will change any more. */
export function isRunOver(status: RunStatus): boolean {
  return status !== 'draft' && !isRunUnfinished(status)
}

/** Whether it waits for its training, or trains. */
export function isRunUnfinished(status: RunStatus): boolean {
  return status === 'queued' || status === 'running'
}

/** Sizes of a brain, as the studio names them. */
export const BRAIN_SIZES = ['quick', 'steady', 'deep'] as const

export type BrainSize = (typeof BRAIN_SIZES)[number]

export const RUN_OPTIMIZERS = ['muon', 'adamw'] as const

/** Most steps, minutes, tasks per step and learning rate that a run may ask for. */
export const MAX_RUN_STEPS = 1_000_000
export const MAX_RUN_MINUTES = 10_080
export const MAX_BATCH_SIZE = 256

const steps = z.int().min(1).max(MAX_RUN_STEPS)

/** Every key is honoured; what is not listed is refused by its name. */
export const hyperparamsSchema = z
  .strictObject({
    steps: steps.nullish().describe('Updates of the weights'),
    epochs: steps.nullish().describe('Another name for `steps`'),
    minutes: z
      .number()
      .positive()
      .max(MAX_RUN_MINUTES)
      .nullish()
      .describe('Wall time; 10 where no steps are given either. With both, whichever comes first'),
    batch_size: z
      .int()
      .min(1)
      .max(MAX_BATCH_SIZE)
      .nullish()
      .describe('Tasks per step; default: up to 32, by their size'),
    lr: z.number().positive().max(1).nullish().describe('Default 0.003'),
    seed: z.int().min(0).max(2_147_483_647).nullish().describe('Default 1'),
    eval_every: z
      .int()
      .min(0)
      .max(MAX_RUN_STEPS)
      .nullish()
      .describe('Steps between two measurements by the evals; 0: only at the end; default 250'),
    optimizer: z
      .string()
      .transform((name) => name.toLowerCase())
      .pipe(z.enum(RUN_OPTIMIZERS))
      .nullish()
      .describe(
        'Default muon: Muon for the matrices inside blocks, AdamW for the rest; adamw: AdamW for all',
      ),
    weight_decay: z.number().min(0).max(1).nullish().describe('Default 0.01'),
    clip_grad_norm: z.number().positive().max(1e6).nullish().describe('Longest gradient; default 1'),
  })
  .refine(({ steps, epochs }) => steps == null || epochs == null || steps === epochs, {
    path: ['epochs'],
    message: 'is another name for steps; give one of them',
  })
  .meta({ id: 'Hyperparams' })

export type Hyperparams = z.output<typeof hyperparamsSchema>

const handle = handleSchema
const reference = {
  id: handle.nullish(),
  slug: handle.nullish().describe('Read where `id` is missing'),
  version: versionSchema.nullish().describe('Default: the latest'),
}

const needsName = <T extends { id?: string | null | undefined; slug?: string | null | undefined }>(
  given: T,
) => (given.id ?? given.slug) != null

export const overrideSchema = z.union([
  z.number(),
  z.boolean(),
  z.string().max(200),
  z.tuple([z.number(), z.number()]),
])

const priorReferenceSchema = z.union([
  handle,
  z
    .strictObject({
      ...reference,
      overrides: z
        .record(z.string().max(200), overrideSchema)
        .nullish()
        .describe('Values of parameters, or ranges [least, greatest] that each task draws from'),
    })
    .refine(needsName, { path: ['id'], message: 'is missing; give an id or a slug' }),
])

const referenceSchema = z.union([
  handle,
  z.strictObject(reference).refine(needsName, { path: ['id'], message: 'is missing; give an id or a slug' }),
])

/** What a run can be computed on. */
export const COMPUTE_PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const

export type ComputeProvider = (typeof COMPUTE_PROVIDERS)[number]

const computeOrderSchema = z
  .strictObject({
    target: handle
      .nullish()
      .describe(
        'Where to train: `server` (the default), `runner` (any runner of those who may change the project), or the id or ' +
          'name of a runner',
      ),
    provider: z
      .enum(COMPUTE_PROVIDERS)
      .nullish()
      .describe(
        'What computes: `cpu` (the default), or a GPU by the name of its provider in ONNX Runtime. Refused where it does not work',
      ),
    max_seconds: z
      .number()
      .positive()
      .max(60 * MAX_RUN_MINUTES)
      .nullish()
      .describe('Time of training after which the run ends, whatever its hyperparameters say'),
  })
  .meta({ id: 'ComputeOrder' })

export const createRunSchema = z
  .strictObject({
    slug: slugSchema.nullish().describe('Default: the next of v0_1, v0_2, ...'),
    description: freeTextSchema.nullish(),
    prior: priorReferenceSchema.describe(
      'A prior of the project whose code is a TypeScript or JavaScript module, or one of the catalogue',
    ),
    model: referenceSchema
      .nullish()
      .describe(
        '`quick` (the default), `steady` or `deep`, or a model of the project: its blocks, or without blocks the one of them that it names as `size`',
      ),
    evals: z
      .array(referenceSchema)
      .max(100)
      .nullish()
      .describe(
        'Evals of the project, beside `held_out`, which measures every run. What none can measure is told as skipped',
      ),
    hyperparams: hyperparamsSchema.nullish(),
    compute: computeOrderSchema.nullish(),
    status: z
      .enum(['draft', 'queued'])
      .nullish()
      .describe('`draft`: checked and kept, and trained when it is submitted. Default: queued at once'),
  })
  .meta({
    id: 'CreateRun',
    examples: [{ prior: 'linear-regression', model: 'quick', hyperparams: { steps: 2000, seed: 7 } }],
  })

export type RunOrder = z.output<typeof createRunSchema>

/** What a copy of a run does otherwise. */
export const duplicateRunSchema = createRunSchema
  .pick({ slug: true, description: true, hyperparams: true, compute: true, status: true })
  .nullish()
  .meta({ id: 'DuplicateRun', examples: [{ hyperparams: { seed: 8 }, status: 'draft' }] })

export type RunCopyOrder = z.output<typeof duplicateRunSchema>

/** Where a run that waits is to train; what is left out stays. */
export const moveRunSchema = z
  .strictObject({ compute: computeOrderSchema.pick({ target: true, provider: true }) })
  .meta({ id: 'MoveRun', examples: [{ compute: { target: 'server' } }] })

export type RunMove = z.output<typeof moveRunSchema>['compute']

const time = z.iso.datetime().describe('UTC')
const pinned = z.object({
  id: z.string().nullable().describe('null for what comes with the server'),
  slug: z.string(),
  version: z.string().nullable(),
})

/** What came of one eval. */
export const evalScoreSchema = z.object({
  step: z.int().describe('Updates of the weights that were measured'),
  metrics: z.record(z.string(), z.number()),
  meta: z
    .record(z.string(), z.unknown())
    .describe(
      'What was asked and, in `sources`, where each number comes from; `baselines` of the eval as they are',
    ),
  skipped: z.boolean(),
  skip_reason: z.string().nullable().describe('Why nothing was measured'),
})

/** What an event `eval` says. */
export const evalEventSchema = evalScoreSchema.extend({ slug: z.string() })

export type EvalScore = z.infer<typeof evalScoreSchema>

export const runResultsSchema = z
  .object({
    steps: z.int(),
    d_in: z.int().nullable().describe('Features per row that callers send; null when it varies'),
    inputs: brainInputsSchema.optional().describe('What the brain takes'),
    has_brain: z.boolean().optional().describe('false: the run came in an archive without its brain'),
    final_loss: z
      .number()
      .nullable()
      .describe('Of the last step: nats, or CRPS in standard deviations of the context'),
    mean_loss_first_10pct: z.number().nullable(),
    mean_loss_last_10pct: z.number().nullable(),
    held_out_ratio: z
      .number()
      .nullable()
      .describe(
        'Last measured loss on held-out tasks over that of an answer without features; null when not measured',
      ),
    wall_time_s: z.number(),
    evals: z
      .record(z.string(), evalScoreSchema)
      .describe('By slug, `held_out` among them; of the last measurement'),
  })
  .meta({ id: 'RunResults' })

export type RunResults = z.infer<typeof runResultsSchema>

export const runSchema = z
  .object({
    id: responseIdSchema,
    projectId: responseIdSchema,
    slug: z.string(),
    description: z.string().nullable(),
    status: z.enum(RUN_STATUSES),
    prior: pinned.extend({ overrides: z.record(z.string(), z.unknown()) }),
    model: pinned.extend({
      size: z.enum(BRAIN_SIZES).nullable().describe('null for a model that is composed of blocks'),
    }),
    evals: z.array(pinned),
    hyperparams: z.record(z.string(), z.unknown()).describe('As they were given'),
    compute: z.object({
      target: z.enum(['server', 'runner']),
      runner: z
        .object({ id: z.string(), name: z.string() })
        .nullable()
        .describe('The runner that was asked for by its id or name'),
      provider: z.enum(COMPUTE_PROVIDERS),
      max_seconds: z.number().nullable(),
    }),
    results: runResultsSchema.nullable().describe('null until it is completed'),
    error: z.object({ message: z.string() }).nullable().describe('Why it failed or was skipped'),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Run', description: 'The training of a brain' })

export type RunDescription = z.infer<typeof runSchema>

export const runListSchema = z
  .object({
    runs: z.array(runSchema),
    total: z.int().describe('How many there are of these statuses, on all pages'),
  })
  .meta({ id: 'RunList' })

export const runListQuerySchema = z.object({
  status: z
    .string()
    .max(200)
    .transform((given) => given.split(',').map((status) => status.trim()))
    .pipe(z.array(z.enum(RUN_STATUSES)))
    .optional()
    .describe('Statuses with commas between them; default: all'),
  order: z.enum(['oldest', 'newest']).optional().describe('What comes first; default `oldest`'),
  limit: z.coerce.number().int().min(1).max(MAX_PROJECT_RUNS).optional().describe('Default: all'),
  offset: z.coerce.number().int().min(0).max(MAX_PROJECT_RUNS).optional().describe('Runs to leave out first'),
})

export type RunListQuery = z.output<typeof runListQuerySchema>

export const runIdSchema = projectIdSchema.extend({ runId: handleSchema })

/** Kinds of events. */
export const RUN_EVENTS = ['start', 'step', 'eval', 'log', 'saved', 'done', 'error'] as const

/** Events of one page, at most. */
export const MAX_EVENT_PAGE = 1_000

export const runEventSchema = z
  .looseObject({
    seq: z.int().describe('1 for the first event of the run, then 2, ...'),
    ts: time,
    event: z.enum(RUN_EVENTS),
  })
  .meta({
    id: 'RunEvent',
    description: 'Something that happened in a run; its other fields depend on `event`',
  })

export type RunEventDescription = z.infer<typeof runEventSchema>

export const runEventPageSchema = z
  .object({
    events: z.array(runEventSchema),
    next: z.int().describe('`after` of the next page'),
    more: z.boolean().describe('Whether there are more now'),
    status: z.enum(RUN_STATUSES),
  })
  .meta({ id: 'RunEventPage' })

export type RunEventPage = z.infer<typeof runEventPageSchema>

export const runEventQuerySchema = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Number of the last event that is known; default 0'),
  limit: z.coerce.number().int().min(1).max(MAX_EVENT_PAGE).optional().describe(`Default ${MAX_EVENT_PAGE}`),
})

export const checkpointSchema = z
  .object({
    step: z.int().describe('Updates of the weights'),
    saved_at: time,
    sha256: z.string().describe('Of the file of the weights, in hex; the identity of the model'),
    bytes: z.int().describe('Of the file of the weights'),
    is_brain: z.boolean().describe('Whether it answers the questions to the run'),
    scores: z
      .record(z.string(), evalScoreSchema)
      .describe('By slug, `held_out` among them; empty where nothing was measured at this step'),
  })
  .meta({ id: 'Checkpoint', description: 'The model of a run as it was at a step' })

export type CheckpointDescription = z.infer<typeof checkpointSchema>

export const checkpointListSchema = z
  .object({ checkpoints: z.array(checkpointSchema).describe('By step') })
  .meta({ id: 'CheckpointList' })

export const checkpointIdSchema = runIdSchema.extend({
  step: z.coerce.number().int().min(0).max(MAX_RUN_STEPS).describe('`step` of the checkpoint'),
})
