/** Held-out tasks of a prior and the brain's answers to them, shared by all evals of one measurement. */
import type { Answer } from '@posterior/engine'
import {
  type BatchSpec,
  type DeclaredModule,
  type DiscoveryTask,
  drawModuleTables,
  drawModuleTasks,
  drawTables,
  drawTasks,
  type InContextTask,
  ModuleSource,
} from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { heldOutBatches } from '../run/prior-plan.ts'
import { declarationOf, type SinglePrior, singlePrior } from '../run/single-prior.ts'
import type { PriorChoice } from '../run/training-config.ts'
import type { MicroBatch } from '../workers/gradient-pool.ts'
import { EvalSkipped, remembered, type ScoringContext } from './score.ts'

/** Shapes of task that are drawn, and tasks of each shape that are asked for one by one. */
export const SHAPES = 8
export const TASKS_PER_SHAPE = 4

/** Ends of the central intervals whose coverage is measured, with the quartiles. */
export const LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975] as const

export interface AskedTask {
  readonly task: InContextTask
  readonly answer: Answer
}

/** @throws EvalSkipped for the general prior, whose tables have no units of their own */
export function requireSingle(prior: PriorChoice): SinglePrior {
  const single = singlePrior(prior)
  if (single) return single
  throw new EvalSkipped('The tasks of the general prior are measured by their loss alone.')
}

/**
 * The tasks, in their own units: the first of each batch that `heldOutBatches` names, so that their streams are none that
 * any run trains on.
 */
export async function drawHeldOut(prior: SinglePrior, perShape = TASKS_PER_SHAPE): Promise<InContextTask[]> {
  if (declarationOf(prior).task === 'discovery') {
    throw new EvalSkipped('The answers of this prior are graphs, which held_out and graph_recovery measure.')
  }
  const batches = heldOutBatches(prior, { batches: SHAPES, datasets: perShape })
  if (prior.kind === 'catalogue') {
    return batches.flatMap(({ spec, seed }) => drawTasks(spec, Random.fromSeed(...seed)))
  }
  return drawFromModule(prior.module, batches, drawModuleTasks)
}

/** The same for a prior whose answers are graphs: whole tables with the graphs behind them. */
export async function drawHeldOutTables(
  prior: SinglePrior,
  { batches: shapes = SHAPES, datasets = TASKS_PER_SHAPE } = {},
): Promise<DiscoveryTask[]> {
  const batches = heldOutBatches(prior, { batches: shapes, datasets })
  if (prior.kind === 'catalogue') {
    return batches.flatMap(({ spec, seed }) => drawTables(spec, Random.fromSeed(...seed)))
  }
  return drawFromModule(prior.module, batches, drawModuleTables)
}

async function drawFromModule<T>(
  module: DeclaredModule,
  batches: readonly MicroBatch[],
  drawTasksOf: (
    source: ModuleSource,
    spec: BatchSpec,
    options: { draws: readonly Random[]; half: 'held out' },
  ) => Promise<T[]>,
): Promise<T[]> {
  const source = ModuleSource.of(module)
  try {
    const tasks: T[] = []
    for (const { spec, seed } of batches) {
      const random = Random.fromSeed(...seed)
      const draws = Array.from({ length: spec.batch }, (_, b) => random.fork('dataset', b))
      tasks.push(...(await drawTasksOf(source, spec, { draws, half: 'held out' })))
    }
    return tasks
  } finally {
    source.close()
  }
}

/** The brain's answers to the held-out tasks of its prior. */
export function askHeldOut(context: ScoringContext): Promise<AskedTask[]> {
  const prior = requireSingle(context.prior)
  return remembered(context.cache.weights, 'asked', async () => {
    const asked: AskedTask[] = []
    for (const task of await drawHeldOut(prior)) {
      await context.pause()
      asked.push({ task, answer: await context.brain.answer(questionOf(task)) })
    }
    return asked
  })
}

/** What every score on them says of them. */
export function describeHeldOut(prior: PriorChoice, tasks: number): Record<string, unknown> {
  return {
    tasks,
    prior: declarationOf(requireSingle(prior)).slug,
    seeds: `streams "held out data" 0 to ${SHAPES - 1}, which no run trains on`,
  }
}

/** A task as a caller would send it. */
function questionOf({ task, train, test, columns, y }: InContextTask) {
  const rowsOf = (from: number, rows: number) => {
    const values = new Float64Array(rows * columns.length)
    for (const [j, column] of columns.entries()) {
      for (let i = 0; i < rows; i++) values[i * columns.length + j] = column.values[from + i]!
    }
    return { rows, columns: columns.length, values }
  }
  return { task, x: rowsOf(0, train), y: y.slice(0, train), query: rowsOf(train, test), levels: LEVELS }
}
