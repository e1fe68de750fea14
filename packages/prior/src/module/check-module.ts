/**
 * A module looked over before it is trained on: it must draw at both ends of its ranges, the same seed must give the same
 * task and another seed another one, targets must vary, and the columns must tell something of them.
 */

import { Random } from '@posterior/tabular'
import { isFair } from '../catalogue/catalogue-batch.ts'
import { rangeOf, validateOverrides } from '../catalogue/parameters.ts'
import type { InContextTask, Overrides, ParameterValue } from '../catalogue/studio-prior.ts'
import { measureLearnability } from '../general/learnability.ts'
import { standardise } from '../general/standardise.ts'
import { ModuleError } from './module-error.ts'
import { modulePrior } from './module-prior.ts'
import type { DrawnSample, ModuleSource } from './module-source.ts'

/** What was found of a module that can be used. */
export interface ModuleReport {
  /** Tasks that were drawn. */
  readonly tasks: number
  /** Share of them whose target varies and whose classes are all labelled; such tasks alone are trained on. */
  readonly usable: number
  /**
   * Mean share of the target's squared error that a simple fit removes on rows it has not seen, and how sure it is that
   * there is any, in standard errors over all tasks; null for graphs.
   */
  readonly learnability: { readonly skill: number; readonly certainty: number } | null
  readonly millisecondsPerTask: number
  /** Remarks, in words. */
  readonly warnings: readonly string[]
  /** What the module printed in the first task. */
  readonly logs: readonly string[]
}

const TASKS = 32
/** Tasks are drawn so many at a time, and no more when they are slow. */
const GROUP = 8
const PATIENCE_MS = 4_000
/** Standard errors by which the gain over all tasks must be positive. */
const LEAST_CERTAINTY = 2
const SLOW_MS = 50
/** Away from the seeds that people begin with. */
const FIRST_SEED = 1_000_000

/**
 * Draw some tasks and judge them.
 *
 * @throws PriorError for overrides that cannot be; ModuleError that says what is wrong and how to draw it again
 */
export async function checkModule(source: ModuleSource, overrides: Overrides = {}): Promise<ModuleReport> {
  const { module } = source
  const prior = { id: module.id, parameters: module.declaration.parameters }
  validateOverrides(prior, overrides)
  for (const end of [0, 1] as const) await source.draw([FIRST_SEED], endsOf(prior, overrides, end))
  const start = performance.now()
  const samples: DrawnSample[] = []
  while (samples.length < TASKS && performance.now() - start < PATIENCE_MS) {
    const seeds = Array.from({ length: GROUP }, (_, i) => FIRST_SEED + samples.length + i)
    samples.push(...(await source.draw(seeds, overrides)))
  }
  const millisecondsPerTask = (performance.now() - start) / samples.length
  await requireSeeded(source, samples, overrides)
  const tasks = packAll(source, samples)
  const fair = tasks.filter(isFair)
  const usable = tasks.length === 0 ? 1 : fair.length / tasks.length
  const learnability = tasks.length === 0 ? null : learnabilityOf(fair)
  const report: ModuleReport = {
    ...{ tasks: samples.length, usable, learnability, millisecondsPerTask },
    warnings: warningsOf(usable, millisecondsPerTask),
    logs: samples[0]!.logs,
  }
  requireTeaching(source, report)
  return report
}

function endsOf(
  prior: Parameters<typeof rangeOf>[0],
  overrides: Overrides,
  end: 0 | 1,
): Record<string, ParameterValue> {
  const ends: Record<string, ParameterValue> = { ...overrides }
  for (const [name, { type }] of Object.entries(prior.parameters)) {
    if (type === 'int' || type === 'float') ends[name] = rangeOf(prior, overrides, name)[end]
  }
  return ends
}

async function requireSeeded(
  source: ModuleSource,
  samples: readonly DrawnSample[],
  overrides: Overrides,
): Promise<void> {
  const { file } = source.module
  const [again] = await source.draw([samples[0]!.seed], overrides)
  const { parameters, seed } = samples[0]!
  if (fingerprint(again!) !== fingerprint(samples[0]!)) {
    throw new ModuleError('the same seed gave two different tasks', { kind: 'rule', file, parameters, seed })
  }
  if (samples.every((sample) => fingerprint(sample) === fingerprint(samples[0]!))) {
    throw new ModuleError(
      `${samples.length} seeds gave the same task; draw from the \`random\` that sample() is given`,
      { kind: 'rule', file },
    )
  }
}

function fingerprint({ values }: DrawnSample): string {
  return JSON.stringify(Object.entries(values).map(([name, { shape, data }]) => [name, shape, [...data]]))
}

/** None for graphs. */
function packAll(source: ModuleSource, samples: readonly DrawnSample[]): InContextTask[] {
  const { pack } = modulePrior(source.module)
  const { task } = source.module.declaration
  if (!pack) return []
  return samples.map(({ values, parameters, random }) => {
    const rows = values[task === 'classification' ? 'labels' : 'y']!.data.length
    const train = Math.max(1, Math.floor(rows / 2))
    return pack(values, { train, test: rows - train, parameters, random })
  })
}

function learnabilityOf(tasks: readonly InContextTask[]): { skill: number; certainty: number } {
  let skill = 0
  let deviations = 0
  for (const [i, { columns, y, classes }] of tasks.entries()) {
    const target = classes > 0 ? y : standardise(y.slice())
    const measured = measureLearnability(columns, target, {
      classes,
      random: Random.fromSeed('learnability', i),
    })
    skill += measured.skill / tasks.length
    deviations += measured.deviation
  }
  return { skill, certainty: deviations / Math.sqrt(Math.max(1, tasks.length)) }
}

function requireTeaching(source: ModuleSource, { tasks, usable, learnability }: ModuleReport): void {
  const { file, declaration } = source.module
  if (usable === 0) {
    throw new ModuleError(
      `none of ${tasks} tasks can be learned from: ${declaration.task === 'classification' ? 'each has a single class, or a class with a single row' : 'the target is the same in every row'}`,
      { kind: 'rule', file },
    )
  }
  if (!learnability || declaration.allowUnlearnable || learnability.certainty >= LEAST_CERTAINTY) return
  throw new ModuleError(
    `in ${tasks} tasks the columns told nothing of the target (a simple fit removed ` +
      `${(100 * learnability.skill).toFixed(1)} % of its squared error on rows it had not seen): a brain could only learn ` +
      'the average. If that is what you want, or if the rule is one that simple fits cannot see, add "allowUnlearnable: true".',
    { kind: 'rule', file },
  )
}

function warningsOf(usable: number, millisecondsPerTask: number): string[] {
  const warnings: string[] = []
  if (usable < 0.5) {
    warnings.push(
      `${Math.round(100 * (1 - usable))} % of the tasks have a constant target or a class without a labelled row; they are drawn again.`,
    )
  }
  if (millisecondsPerTask > SLOW_MS) {
    warnings.push(
      `A task takes ${Math.round(millisecondsPerTask)} ms to draw, so training will wait for it; random.normals(n), ` +
        'random.uniforms(n) and linalg are faster than loops.',
    )
  }
  return warnings
}
