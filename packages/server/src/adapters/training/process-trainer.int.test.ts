/** The real trainer, at the smallest size: what a kill in the middle of a run leaves is gone on with. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelSpec } from '@posterior/contracts'
import { parseManifest } from '@posterior/model'
import type { TrainingConfig } from '@posterior/training'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError } from '../../domain/app-error.ts'
import type { NewRunEvent, ResolvedRecipe, TrainingOutcome } from '../../domain/ports/runs.ts'
import { TrainerLost } from '../../domain/ports/runs.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import { ProcessTrainer } from './process-trainer.ts'

const RECIPE: ResolvedRecipe = {
  prior: { id: null, slug: 'coin-flip', version: null, overrides: { num_flips: [10, 20] } },
  model: { id: null, slug: 'quick', version: null, size: 'quick' },
  evals: [{ id: 'e', slug: 'coins', version: '1.0.0' }],
  maxSeconds: null,
  evalDatasets: [null],
  evalSpecs: [
    {
      ...{ name: 'Coins', slug: 'coins', version: '1.0.0', description: '', citations: [], extra: {} },
      ...{ task: 'classification', dataset: {}, metrics: [{ name: 'bce' }], baselines: [], code: null },
    },
  ],
  modelSpec: null,
  priorSpec: null,
  hyperparams: { steps: 10, batch_size: 2, eval_every: 10, seed: 7 },
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let trainer: ProcessTrainer
const processes = new Map<string, number>()
beforeAll(async () => {
  folder = await temporaryFolder()
  trainer = new ProcessTrainer({
    folder: folder.path,
    workers: 1,
    keptCheckpoints: 3,
    onProcess: (id, process) => processes.set(id, process),
  })
})
afterAll(() => folder.cleanUp())

type Event = Omit<NewRunEvent, 'ts'>
const nothing = () => {}

async function start(id: string, onEvent: (event: Event) => void = nothing): Promise<TrainingOutcome> {
  const { plan } = await trainer.plan(RECIPE)
  return trainer.start({ id, plan }, onEvent).done
}

const weightsOf = (id: string) => readFile(join(folder.path, id, 'model', 'model.safetensors'))

test('a run whose process is killed goes on to the bytes of one that was not', async () => {
  const straight: Event[] = []
  const outcome = await start('straight', (event) => straight.push(event))
  expect(outcome).toMatchObject({
    kind: 'completed',
    results: { steps: 10, d_in: 1, final_loss: expect.any(Number), held_out_ratio: expect.any(Number) },
  })
  const { evals } = (outcome as Extract<TrainingOutcome, { kind: 'completed' }>).results
  expect(evals['held_out']).toMatchObject({ step: 10, skipped: false, skip_reason: null })
  expect(evals['coins']?.metrics).toMatchObject({ bce: expect.any(Number), majority_bce: expect.any(Number) })
  expect(
    straight.filter(({ event }) => event === 'eval').map(({ fields }) => [fields['step'], fields['slug']]),
  ).toEqual(
    [0, 10].flatMap((step) => [
      [step, 'held_out'],
      [step, 'coins'],
    ]),
  )
  const saved = straight.filter(({ event }) => event === 'saved').map(({ fields }) => fields['step'])
  const kept = await trainer.checkpoints('straight')
  expect(kept.map(({ step }) => step)).toEqual([...new Set(saved)].slice(-3))
  expect(kept.map(({ isLast }) => isLast)).toEqual([false, false, true])
  const earlier = (await trainer.checkpoint('straight', kept[0]!.step))!
  expect(createHash('sha256').update(earlier.weights).digest('hex')).toBe(kept[0]!.sha256)
  expect(parseManifest(JSON.parse(String(earlier.manifest))).training['steps']).toBe(kept[0]!.step)
  expect(earlier.weights).toHaveLength(kept[0]!.bytes)
  expect(await trainer.checkpoint('straight', 1)).toBeUndefined()

  expect(straight[0]).toMatchObject({
    event: 'start',
    fields: { steps: 10, seed: 7, resumed: false, prior_id: 'coin_flip', model_id: 'quick' },
  })
  expect(straight.filter(({ event }) => event === 'step').map(({ fields }) => fields['step'])).toEqual(
    Array.from({ length: 10 }, (_, i) => i),
  )
  expect(JSON.stringify(straight)).not.toContain(folder.path)

  let isKilled = false
  const interrupted = start('killed', ({ event, fields }) => {
    if (event !== 'step' || fields['step'] !== 5 || isKilled) return
    isKilled = true
    process.kill(processes.get('killed')!, 'SIGKILL')
  })
  await expect(interrupted).rejects.toBeInstanceOf(TrainerLost)
  const resumed: Event[] = []
  expect(await start('killed', (event) => resumed.push(event))).toMatchObject({
    kind: 'completed',
    results: { evals },
  })
  expect(resumed[0]).toMatchObject({ event: 'start', fields: { resumed: true } })
  expect(resumed[0]?.fields['step']).toBeGreaterThanOrEqual(5)
  expect((await weightsOf('killed')).equals(await weightsOf('straight'))).toBe(true)
}, 120_000)

test('a run that is stopped saves, and its files can be listed and removed', async () => {
  const { plan } = await trainer.plan({ ...RECIPE, hyperparams: { steps: 100_000 } })
  const running = trainer.start({ id: 'stopped', plan }, ({ event }) => event === 'step' && running.stop())
  expect(await running.done).toEqual({ kind: 'stopped' })
  expect(await trainer.list()).toContain('stopped')
  await trainer.remove('stopped')
  expect(await trainer.list()).not.toContain('stopped')
}, 60_000)

test.each([
  [{ batch_size: 251 }, 'hyperparams.batch_size', {}],
  [{}, 'prior.overrides.num_flips', { num_flips: 'many' }],
  [{}, 'prior.overrides', { num_flips: [10, 5_000] }],
])('a plan that cannot be trained is refused by its field: %j', async (hyperparams, field, overrides) => {
  const prior = { ...RECIPE.prior, overrides }
  await expect(trainer.plan({ ...RECIPE, prior, hyperparams } as ResolvedRecipe)).rejects.toMatchObject({
    errors: [{ field }],
  })
})

test('every hyperparameter reaches the trainer', async () => {
  const hyperparams: ResolvedRecipe['hyperparams'] = {
    ...{ epochs: 30, minutes: 60, batch_size: 48, lr: 0.01, seed: 3, eval_every: 5 },
    ...{ weight_decay: 0.2, clip_grad_norm: 2 },
    optimizer: 'adamw',
  }
  const { plan } = await trainer.plan({ ...RECIPE, hyperparams })
  expect(plan).toMatchObject({
    config: {
      ...{ budget: { steps: 30, minutes: 60 }, seed: 3, evaluateEvery: 5 },
      plan: { microBatches: 3, maxDatasets: 16 },
      optimizer: {
        method: 'adamw',
        muonLearningRate: 0.01,
        adamLearningRate: 0.01,
        weightDecay: 0.2,
        clipNorm: 2,
      },
    },
  })
})

const EMBEDDER = { type: 'tabular_embedder', config: { d_model: 8 } }
const ENCODER = { type: 'transformer_encoder', config: { n_heads: 2, n_layers: 1, ff_mult: 1 } }

function composed(blocks: ModelSpec['blocks'], prior: Partial<ResolvedRecipe['prior']> = {}): ResolvedRecipe {
  const common = { description: '', citations: [], extra: {}, narrative: null, inputShape: null }
  return {
    ...RECIPE,
    prior: { ...RECIPE.prior, ...prior },
    model: { id: 'm', slug: 'mine', version: '1.0.0', size: null },
    modelSpec: {
      ...common,
      name: 'Mine',
      slug: 'mine',
      version: '1.0.0',
      blocks,
      outputHeads: [],
      d_in: null,
    },
  }
}

test('a model of blocks is trained and saved as a brain of the width of its prior', async () => {
  const { plan } = await trainer.plan(composed([EMBEDDER, ENCODER, { type: 'class_vote' }]))
  const outcome = await trainer.start({ id: 'composed', plan }, nothing).done
  expect(outcome).toMatchObject({ kind: 'completed', results: { steps: 10, d_in: 1 } })
  const manifest = JSON.parse(await readFile(join(folder.path, 'composed/model/manifest.json'), 'utf8'))
  expect(manifest).toMatchObject({
    tasks: ['classification'],
    architecture: { architecture: 'composition-1', task: 'classification', columns: 1 },
  })
}, 60_000)

test.each<[ModelSpec['blocks'], Partial<ResolvedRecipe['prior']>, string]>([
  [
    [EMBEDDER, ENCODER, { type: 'scalar_head' }],
    {},
    'block 3 "scalar_head" answers with a number per row, and coin-flip asks for a class per row; end the model with class_head or class_vote',
  ],
  [
    [EMBEDDER, ENCODER, { type: 'class_vote' }],
    { slug: 'logistic-interactions', overrides: {} },
    'the blocks take rows of one width, and logistic-interactions gives 3 to 12 columns',
  ],
  [
    [{ type: 'tabular_embedder', config: { d_in: 4 } }, ENCODER, { type: 'class_vote' }],
    {},
    'the blocks take 4 columns, and coin-flip gives 1',
  ],
  [
    [
      { type: 'tabular_embedder', config: { d_model: 1024 } },
      { type: 'transformer_encoder', config: { n_layers: 24 } },
      { type: 'class_vote' },
    ],
    {},
    'weights, at most 30,000,000 are possible',
  ],
])(
  'blocks that do not fit the prior are refused before the run is queued',
  async (blocks, prior, message) => {
    const failure = await trainer.plan(composed(blocks, prior)).catch((error) => error)
    expect(failure.errors).toEqual([expect.objectContaining({ field: 'model' })])
    expect(JSON.stringify(failure.errors)).toContain(message.replaceAll('"', '\\"'))
  },
)

const PRIOR = {
  ...{ name: 'Mine', slug: 'mine', version: '1.2.0', description: null, citations: [], extra: {} },
  ...{ kind: 'tabular' as const, parameters: {}, outputs: { variables: [] }, rationale: null },
  ...{ implementation: 'prior.ts', requirements: null, pythonVersion: null },
  code: `export default definePrior({
    outputs: [{ name: 'X', shape: '(n, 1)' }, { name: 'y', shape: '(n)' }],
    parameters: { n: { type: 'int', range: [20, 24] } },
    sample(random, { n }) {
      const x = random.normals(n)
      return { X: Array.from(x, (value) => [value]), y: x.map((value) => value) }
    },
  })`,
}
const mine = (code: string | null, overrides = {}): ResolvedRecipe => ({
  ...RECIPE,
  prior: { id: 'p', slug: 'mine', version: '1.2.0', overrides },
  priorSpec: { ...PRIOR, code },
})

test('a prior of the project is looked over before its run is queued, and its code is pinned', async () => {
  const { plan, prior } = await trainer.plan(mine(PRIOR.code, { n: [20, 22] }))
  expect(prior).toMatchObject({ id: 'p', slug: 'mine', version: '1.2.0' })
  expect((plan as { config: TrainingConfig }).config.prior).toMatchObject({
    kind: 'module',
    module: { id: 'mine', version: '1.2.0', file: 'prior.ts', code: PRIOR.code },
    overrides: { n: [20, 22] },
  })
  const refused: [ResolvedRecipe, string, RegExp][] = [
    [mine(PRIOR.code.replace('y: x.map((value) => value)', 'y: random.normals(n)')), 'prior', /told nothing/],
    [
      mine(PRIOR.code.replace('random.normals(n)', 'new Float64Array(n)')),
      'prior',
      /the target is the same in every row/,
    ],
    [mine(PRIOR.code.replace('const x', 'for (;;);\n const x')), 'prior', /2 seconds of processor time/],
    [mine(PRIOR.code.replace("shape: '(n, 1)'", "shape: ''")), 'prior', /declare the shape of X/],
    [mine(PRIOR.code, { n: 5_000 }), 'prior.overrides', /are too large; at most 1024 rows/],
    [mine(PRIOR.code, { m: 1 }), 'prior.overrides.m', /no parameter "m"/],
    [mine(null), 'prior', /has no code/],
  ]
  for (const [recipe, field, message] of refused) {
    const error = await trainer.plan(recipe).catch((reason: unknown) => reason as AppError)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).errors?.[0]?.field).toBe(field)
    expect((error as AppError).message).toMatch(message)
  }
})
