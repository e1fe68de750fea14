/** Batches of a user's prior, for training: planned as those of the catalogue, drawn in a sandbox. */

import type { Random } from '@posterior/tabular'
import type { BatchSpec, TaskBatch } from '../batch/batch-spec.ts'
import { emptyBatch } from '../batch/write-batch.ts'
import {
  checkTrainable,
  isFair,
  noUsableTask,
  withFewerQueries,
  writeTask,
} from '../catalogue/catalogue-batch.ts'
import { type DiscoveryTask, packDiscovery, writeTables } from '../catalogue/pack/discovery.ts'
import type { InContextTask, Overrides, PriorDeclaration } from '../catalogue/studio-prior.ts'
import { type DeclaredModule, modulePrior, requireSizes } from './module-prior.ts'
import type { ModuleSource } from './module-source.ts'

/** Draws for one task, when each has a constant target or an unlabelled class. */
const MOST_ATTEMPTS = 100
/** Seeds of tasks are below twice this; those to train on are even, those held out are odd. */
const SEED_RANGE = 2 ** 50

/** Training draws from one half of the seeds, measuring from the other, so that nothing measured was trained on. */
export type SeedHalf = 'training' | 'held out'

/**
 * The prior of a module that can be trained on with these overrides.
 *
 * @throws PriorError that says what is missing
 */
export function requireTrainableModule(module: DeclaredModule, overrides: Overrides): PriorDeclaration {
  const prior = checkTrainable(modulePrior(module), overrides)
  requireSizes(module)
  return prior
}

/**
 * Draw the datasets of a batch. Pure in (spec, state of `random`, half). Every task has a seed of its own, so that one
 * that fails can be drawn again by itself.
 *
 * @throws ModuleError with the parameters and seed of the task that failed
 */
export async function drawModuleBatch(
  source: ModuleSource,
  spec: BatchSpec,
  { random, half }: { random: Random; half: SeedHalf },
): Promise<TaskBatch> {
  const draws = Array.from({ length: spec.batch }, (_, b) => random.fork('dataset', b))
  const batch = emptyBatch(spec)
  if (spec.task === 'discovery') {
    writeTables(batch, await drawModuleTables(source, spec, { draws, half }), draws)
    return batch
  }
  const tasks = await drawModuleTasks(source, spec, { draws, half })
  for (const [b, task] of tasks.entries()) writeTask(batch, b, task, draws[b]!)
  random.nextInt32()
  return batch
}

/** The tasks of a batch in their own units, one for each generator. */
export async function drawModuleTasks(
  source: ModuleSource,
  spec: BatchSpec,
  { draws, half }: { draws: readonly Random[]; half: SeedHalf },
): Promise<InContextTask[]> {
  const prior = modulePrior(source.module)
  const overrides = { ...spec.source!.overrides, ...spec.source!.shape }
  const { train } = spec
  const tasks: InContextTask[] = []
  let open = draws.map((_, b) => b)
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt === MOST_ATTEMPTS) throw noUsableTask(prior.id, MOST_ATTEMPTS)
    const seeds = open.map((b) => seedFrom(draws[b]!, half))
    const samples = await source.draw(seeds, overrides)
    for (const [i, { values, parameters, random }] of samples.entries()) {
      const test = prior.layout(parameters).rows - train
      const task = prior.pack!(values, { train, test, parameters, random })
      tasks[open[i]!] = test > spec.test ? withFewerQueries(task, spec.test, random) : task
    }
    open = open.filter((b) => !isFair(tasks[b]!))
  }
  return tasks
}

/** The tables of a batch with the graphs behind them, one for each generator. */
export async function drawModuleTables(
  source: ModuleSource,
  spec: BatchSpec,
  { draws, half }: { draws: readonly Random[]; half: SeedHalf },
): Promise<DiscoveryTask[]> {
  const { overrides, shape } = spec.source!
  const seeds = draws.map((draw) => seedFrom(draw, half))
  const samples = await source.draw(seeds, { ...overrides, ...shape })
  return samples.map(({ values }) => packDiscovery(values))
}

function seedFrom(draw: Random, half: SeedHalf): number {
  return 2 * draw.int(0, SEED_RANGE) + (half === 'training' ? 0 : 1)
}
