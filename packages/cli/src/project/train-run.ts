/** `posterior train RUN`: the brain of a run file, trained here as a server would train it. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DatasetSpec, RunOrder } from '@posterior/contracts'
import { detectThreads } from '@posterior/engine'
import {
  artefactLookup,
  type ReadArtefact,
  RecipeError,
  type RunRecipe,
  resolveRecipe,
} from '@posterior/project'
import {
  loadRun,
  planTraining,
  type RunEvent,
  readOutcome,
  startTrainingRun,
  studioEvent,
  TrainingError,
  type TrainingPlan,
  tablesOfPlan,
} from '@posterior/training'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { Progress } from '../progress.ts'
import { shownPath } from '../shown-path.ts'
import { RunDisplay } from '../train/run-display.ts'
import { chooseRun } from './choose-run.ts'
import { openProject } from './open-project.ts'
import { isTrained, type RunEnd, resultsFile, writeResults } from './run-results.ts'

export interface TrainRunRequest {
  values: OptionValues
  run: string | undefined
  context: CommandContext
}

/** Folder of the tables in that of the run. */
const TABLES = 'tables'

/** Options that belong to the training of a general model. */
const NOT_OF_RUNS = ['preset', 'config', 'name', 'resume']

interface Job {
  slug: string
  recipe: RunRecipe
  plan: TrainingPlan
  /** State and brain. */
  folder: string
  /** What came of it. */
  results: string
  /** Tables of datasets that it is measured on, by their hashes. */
  tables: ReadonlyMap<string, Uint8Array>
}

/** Run the command. @returns 0 when the run is completed, 1 when it failed or was skipped, 130 when it was stopped and saved */
export async function trainRun({ values, run, context }: TrainRunRequest): Promise<number> {
  const wrong = NOT_OF_RUNS.filter((name) => name in values)
  if (wrong.length > 0) {
    throw new UsageError(`--${wrong.join(', --')} is for training into --out, not for a run of a project.`)
  }
  if ('steps' in values && 'minutes' in values) throw new UsageError('Give --steps or --minutes, not both.')
  const job = await jobOf(values, run)
  await prepareFolder(job, values['restart'] === true)
  if (await isTrained(job.results, brainOf(job))) {
    context.stderr.write(`The run "${job.slug}" is trained already; --restart trains it anew.\n`)
    if (!values['json']) context.stdout.write(`${shownPath(brainOf(job))}\n`)
    return 0
  }
  const end = await train(job, values, context)
  if (end === 'stopped') {
    context.stderr.write(`Stopped and saved at ${shownPath(job.folder)}. The same command goes on.\n`)
    return 130
  }
  await conclude(job, end)
  context.stderr.write(`The results are in ${shownPath(job.results)}.\n`)
  if (!values['json']) context.stdout.write(`${shownPath(brainOf(job))}\n`)
  return 0
}

const brainOf = ({ folder }: Pick<Job, 'folder'>) => join(folder, 'model')

/**
 * Write down how the run ended.
 *
 * @throws CommandError when it did not end with a brain
 */
export async function conclude(job: Omit<Job, 'plan' | 'tables'>, end: RunEnd): Promise<void> {
  await writeResults(job.results, { ...job, end, brain: brainOf(job) })
  if (end.kind === 'completed') return
  const word = end.kind === 'skipped' ? 'was skipped, so there is no brain' : 'failed'
  throw new CommandError(
    `The run "${job.slug}" ${word}: ${end.reason} The results are in ${shownPath(job.results)}.`,
  )
}

async function jobOf(values: OptionValues, wanted: string | undefined): Promise<Job> {
  const root = resolve(String(values['dir'] ?? '.'))
  const project = await openProject(root)
  const { path, run } = chooseRun(project, wanted)
  const { slug } = run.order
  try {
    const recipe = await resolveRecipe(artefactLookup(project.documents), withTrial(run.order, values))
    const { plan, prior } = await planTraining(recipe)
    const out = values['out'] as string | undefined
    const folder = out === undefined ? join(root, 'runs', slug) : resolve(out)
    const results = out === undefined ? resultsFile(root, slug) : join(folder, 'results.json')
    const tables = tablesOf(plan, project.documents)
    return { slug, recipe: { ...recipe, prior }, plan, folder, results, tables }
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error
    throw new CommandError(`${path}: ${error.message}`, { cause: error })
  }
}

/** The tables that the plan is measured on, by their hashes. */
function tablesOf(plan: TrainingPlan, documents: readonly ReadArtefact[]): Map<string, Uint8Array> {
  const wanted = tablesOfPlan(plan)
  return new Map(
    documents.flatMap(({ kind, spec, table }): [string, Uint8Array][] => {
      const { sha256 } = spec as DatasetSpec
      return kind === 'dataset' && table && sha256 && wanted.includes(sha256) ? [[sha256, table]] : []
    }),
  )
}

/** What the options change of the run file, for this time. */
function withTrial(order: RunOrder, { steps, minutes, seed }: OptionValues): RunOrder {
  const given = order.hyperparams ?? {}
  const { steps: _, epochs: __, minutes: ___, ...rest } = given
  const isBudget = steps !== undefined || minutes !== undefined
  const hyperparams = {
    ...(isBudget ? rest : given),
    ...(steps !== undefined && { steps: Number(steps) }),
    ...(minutes !== undefined && { minutes: Number(minutes) }),
    ...(seed !== undefined && { seed: Number(seed) }),
  }
  return { ...order, hyperparams }
}

/** Make room for the run, or find the one that is to go on. @throws CommandError when the folder holds another one */
async function prepareFolder({ folder, plan, results, tables }: Job, isAnew: boolean): Promise<void> {
  const saved = await loadRun(folder)
  if (isAnew && saved) await rm(folder, { recursive: true })
  if (isAnew) await rm(results, { force: true })
  const shown = shownPath(folder)
  if (saved && !isAnew && !isSame(saved.progress.config, plan.config)) {
    throw new CommandError(
      `${shown} holds a run of other settings, at step ${saved.progress.step}. --restart removes it and begins anew; --out keeps both.`,
    )
  }
  if (!saved && existsSync(folder) && (await readdir(folder)).some((name) => !OWN_FILES.has(name))) {
    throw new CommandError(`${shown} holds files that are not of a run. Choose another folder with --out.`)
  }
  await mkdir(folder, { recursive: true })
  await mkdir(join(folder, TABLES), { recursive: true })
  for (const [sha256, bytes] of tables) await writeFile(join(folder, TABLES, sha256), bytes)
  // Brains are made again from what is under version control.
  await writeFile(join(folder, '.gitignore'), '*\n')
}

/** What a run that was stopped before its first save leaves behind. */
const OWN_FILES: ReadonlySet<string> = new Set(['.gitignore', 'lock', 'log.jsonl', 'model', TABLES])

/** Configurations are plain data, and one that was saved went through JSON. */
function isSame(saved: unknown, wanted: unknown): boolean {
  return JSON.stringify(saved) === JSON.stringify(JSON.parse(JSON.stringify(wanted)))
}

async function train(
  { plan, folder }: Job,
  values: OptionValues,
  context: CommandContext,
): Promise<RunEnd | 'stopped'> {
  const progress = new Progress(context.stderr)
  const display = new RunDisplay(progress)
  const show = values['json'] ? eventPrinter(plan, context) : (event: RunEvent) => display.show(event)
  const workers = Number(values['workers'] ?? detectThreads())
  const { config, evals } = plan
  const run = startTrainingRun(config, {
    ...{ folder, threads: 1, workers: Math.min(workers, config.plan.microBatches), onEvent: show },
    ...(evals && { evals, tables: join(folder, TABLES) }),
  })
  const stop = () => {
    progress.note('Saving and stopping …')
    run.stop()
  }
  if (context.signal.aborted) stop()
  context.signal.addEventListener('abort', stop)
  try {
    return (await run.done) ? await readOutcome(folder) : 'stopped'
  } catch (error) {
    if (error instanceof TrainingError) return { kind: 'failed', reason: error.message }
    // Killed, or a fault of the program: the saved state remains, so that this is no end of the run.
    throw new CommandError(`The training broke off: ${(error as Error).message}`, { cause: error })
  } finally {
    context.signal.removeEventListener('abort', stop)
    progress.stop()
  }
}

/** One JSON object per line, as a server tells the events of a run. */
function eventPrinter(plan: TrainingPlan, { stdout }: CommandContext): (event: RunEvent) => void {
  return (event) => {
    const told = studioEvent(event, plan)
    if (told) stdout.write(`${JSON.stringify({ event: told.event, ...told.fields })}\n`)
  }
}
