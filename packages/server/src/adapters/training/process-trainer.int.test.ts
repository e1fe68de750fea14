/** The real trainer, at the smallest size: what a kill in the middle of a run leaves is gone on with. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewRunEvent, ResolvedRecipe, TrainingOutcome } from '../../domain/ports/runs.ts'
import { TrainerLost } from '../../domain/ports/runs.ts'
import { temporaryFolder } from '../../testing/test-server.ts'
import { ProcessTrainer } from './process-trainer.ts'

const RECIPE: ResolvedRecipe = {
  prior: { id: null, slug: 'coin-flip', version: null, overrides: { num_flips: [10, 20] } },
  model: { id: null, slug: 'quick', version: null, size: 'quick' },
  evals: [{ id: 'e', slug: 'coins', version: '1.0.0' }],
  maxSeconds: null,
  evalSpecs: [
    {
      ...{ name: 'Coins', slug: 'coins', version: '1.0.0', description: '', citations: [], extra: {} },
      ...{ task: 'classification', dataset: {}, metrics: [{ name: 'bce' }], baselines: [], code: null },
    },
  ],
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
