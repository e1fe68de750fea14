/**
 * A module looked over before it is trained on: it must draw at both ends of its ranges, the same seed must give the same
 * task and another seed another one, targets must vary, and the columns must tell something of them, or of the graph.
 */

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Random } from '@posterior/tabular'
import { isFair } from '../catalogue/catalogue-batch.ts'
import { packDiscovery } from '../catalogue/pack/discovery.ts'
import { rangeOf, validateOverrides } from '../catalogue/parameters.ts'
import type { InContextTask, Overrides, ParameterValue } from '../catalogue/studio-prior.ts'
import { measureLearnability } from '../general/learnability.ts'
import { standardise } from '../general/standardise.ts'
import type { ModuleDeclaration } from './declaration.ts'
import { graphLearnability, type PairFacts, pairFacts } from './graph-learnability.ts'
import { ModuleError } from './module-error.ts'
import { modulePrior } from './module-prior.ts'
import type { DrawnSample, ModuleSource } from './module-source.ts'

/** What was found of a module that can be used. */
export interface ModuleReport {
  /** Tasks that were drawn. */
  readonly tasks: number
  /**
   * Share of them whose target varies and whose classes are all labelled; such tasks alone are trained on. Of graphs: share
   * with an edge, and all are trained on.
   */
  readonly usable: number
  /**
   * Mean share of the target's squared error that a simple fit removes on rows it has not seen, and how sure it is that
   * there is any, in standard errors over all tasks. Of graphs: of the edges, over the pairs of columns of unseen tables.
   */
  readonly learnability: { readonly skill: number; readonly certainty: number }
  readonly millisecondsPerTask: number
  /** Remarks, in words. */
  readonly warnings: readonly string[]
  /** What the module printed in the first task. */
  readonly logs: readonly string[]
}

interface SeenSample extends Pick<DrawnSample, 'seed' | 'parameters' | 'logs'> {
  readonly fingerprint: string
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
  // Of the samples no more is kept than is needed: they may be large.
  const seen: SeenSample[] = []
  const tasks: InContextTask[] = []
  const graphs: PairFacts[] = []
  while (seen.length < TASKS && performance.now() - start < PATIENCE_MS) {
    const seeds = Array.from({ length: GROUP }, (_, i) => FIRST_SEED + seen.length + i)
    for (const sample of await source.draw(seeds, overrides)) {
      const { seed, parameters, logs } = sample
      seen.push({ seed, parameters, logs, fingerprint: fingerprint(sample) })
      if (module.declaration.task === 'discovery') graphs.push(pairFacts(packDiscovery(sample.values)))
      else tasks.push(packed(source, sample))
      await nextTurn()
    }
  }
  const millisecondsPerTask = (performance.now() - start) / seen.length
  await requireSeeded(source, seen, overrides)
  const fair = tasks.filter(isFair)
  const isGraph = graphs.length > 0
  const usable = isGraph ? shareWithEdges(graphs) : fair.length / tasks.length
  const learnability = isGraph ? graphLearnability(graphs) : await learnabilityOf(fair)
  const report: ModuleReport = {
    ...{ tasks: seen.length, usable, learnability, millisecondsPerTask },
    warnings: warningsOf(module.declaration, { usable, millisecondsPerTask }),
    logs: seen[0]!.logs,
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
  seen: readonly SeenSample[],
  overrides: Overrides,
): Promise<void> {
  const { file } = source.module
  const { parameters, seed, fingerprint: first } = seen[0]!
  const [again] = await source.draw([seed], overrides)
  if (fingerprint(again!) !== first) {
    throw new ModuleError('the same seed gave two different tasks', { kind: 'rule', file, parameters, seed })
  }
  if (seen.every((sample) => sample.fingerprint === first)) {
    throw new ModuleError(
      `${seen.length} seeds gave the same task; draw from the \`random\` that sample() is given`,
      { kind: 'rule', file },
    )
  }
}

function fingerprint({ values }: DrawnSample): string {
  const hash = createHash('sha256')
  for (const [name, { shape, data }] of Object.entries(values)) {
    hash
      .update(`${name} ${shape.join()} `)
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

/** The task of a sample of rows. */
function packed(source: ModuleSource, { values, parameters, random }: DrawnSample): InContextTask {
  const { pack } = modulePrior(source.module)
  const { task } = source.module.declaration
  const rows = values[task === 'classification' ? 'labels' : 'y']!.data.length
  const train = Math.max(1, Math.floor(rows / 2))
  return pack!(values, { train, test: rows - train, parameters, random })
}

function shareWithEdges(graphs: readonly PairFacts[]): number {
  return graphs.filter(({ isEdge }) => isEdge.includes(true)).length / graphs.length
}

async function learnabilityOf(
  tasks: readonly InContextTask[],
): Promise<{ skill: number; certainty: number }> {
  let skill = 0
  let deviations = 0
  for (const [i, { columns, y, classes }] of tasks.entries()) {
    // Others have the thread between two tasks.
    await nextTurn()
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
  const { task, allowUnlearnable } = declaration
  if (usable === 0) {
    throw new ModuleError(`none of ${tasks} tasks can be learned from: ${POINTLESS[task]}`, {
      kind: 'rule',
      file,
    })
  }
  if (allowUnlearnable || learnability.certainty >= LEAST_CERTAINTY) return
  const removed = `${(100 * learnability.skill).toFixed(1)} %`
  const found =
    task === 'discovery'
      ? `the columns told nothing of the graph (a simple fit of the edges removed ${removed} of their squared error on ` +
        'tables it had not seen): a brain could only learn how many edges there are'
      : `the columns told nothing of the target (a simple fit removed ${removed} of its squared error on rows it had not ` +
        'seen): a brain could only learn the average'
  throw new ModuleError(
    `in ${tasks} tasks ${found}. If that is what you want, or if the rule is one that simple fits cannot see, add ` +
      '"allowUnlearnable: true".',
    { kind: 'rule', file },
  )
}

const SAME_TARGET = 'the target is the same in every row'
const POINTLESS: Record<ModuleDeclaration['task'], string> = {
  regression: SAME_TARGET,
  forecast: SAME_TARGET,
  classification: 'each has a single class, or a class with a single row',
  discovery: 'no graph has an edge (A[i][j] = 1 where column i causes column j)',
}

function warningsOf(
  { task }: ModuleDeclaration,
  { usable, millisecondsPerTask }: Pick<ModuleReport, 'usable' | 'millisecondsPerTask'>,
): string[] {
  const warnings: string[] = []
  if (usable < 0.5) {
    const share = `${Math.round(100 * (1 - usable))} %`
    warnings.push(
      task === 'discovery'
        ? `${share} of the graphs have no edge.`
        : `${share} of the tasks have a constant target or a class without a labelled row; they are drawn again.`,
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
