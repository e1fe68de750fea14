/**
 * Runs in archives: their records as run files, and their brains beside them. What comes in is what somebody else wrote: a
 * run is planned again from its file, as an order is, and a brain is believed when it is the checkpoint that the plan gives.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  MAX_DOCUMENT_BYTES,
  MAX_PROJECT_RUNS,
  MAX_UNFINISHED_RUNS,
  type RunResults,
  type RunStatus,
  runResultsSchema,
} from '@posterior/contracts'
import {
  BRAIN_FILES,
  type ReadRunRecord,
  RecipeError,
  type ResolvedRecipe,
  resolveRecipe,
  runDocument,
  type TarFile,
  writeTar,
  yamlOf,
} from '@posterior/project'
import { AppError } from '../../app-error.ts'
import type { NewRunEvent, Run, RunStore, Trainer } from '../../ports/runs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'
import type { Clock, Ids } from '../../ports/system.ts'
import { lookupIn } from '../runs/lookup.ts'

const pack = promisify(gzip)

export interface RunRecordsDeps {
  artefacts: ArtefactStore
  runs: RunStore
  trainer: Pick<Trainer, 'plan' | 'receive' | 'brain'>
  clock: Clock
  ids: Ids
}

/** The file of a run: its record, without what tells of this server. */
export function runFile(run: Run): TarFile {
  const whole = yamlOf(recordOf(run, true))
  const text = Buffer.byteLength(whole) <= MAX_DOCUMENT_BYTES ? whole : yamlOf(recordOf(run, false))
  return { path: `runs/${run.slug}.yaml`, bytes: Buffer.from(text) }
}

/** @param withMeta  whether the scores say where their numbers come from */
function recordOf(run: Run, withMeta: boolean): Record<string, unknown> {
  const { status, error } = run
  const { has_brain: _, inputs: __, ...results } = run.results ?? ({} as RunResults)
  const scores = Object.entries(results.evals ?? {}).map(([slug, { meta, ...score }]) => {
    return [slug, { ...score, meta: withMeta ? meta : {} }]
  })
  const said = {
    status,
    ...(error !== null && { error }),
    ...results,
    ...(scores.length > 0 && { evals: Object.fromEntries(scores) }),
  }
  const isOver = !['draft', 'queued', 'running'].includes(status)
  return runDocument({ ...run, maxSeconds: run.compute.maxSeconds, results: isOver ? said : null })
}

/** Files of the brain of a run; none when it has none. */
export async function brainFiles(trainer: RunRecordsDeps['trainer'], run: Run): Promise<TarFile[]> {
  const brain = run.status === 'completed' ? await trainer.brain(run.id) : undefined
  if (!brain) return []
  const [manifest, weights] = BRAIN_FILES.map((name) => `runs/${run.slug}/model/${name}`)
  return [
    { path: manifest!, bytes: brain.manifest },
    { path: weights!, bytes: brain.weights },
  ]
}

/** What an import made of the runs of an archive. */
export interface ImportedRuns {
  count: number
  skipped: { path: string; reason: string }[]
}

/** Put the runs of an archive into a new project; one that cannot be kept is left out, and told. */
export async function importRuns(
  deps: RunRecordsDeps,
  {
    projectId,
    accountId,
    records,
  }: { projectId: string; accountId: string; records: readonly ReadRunRecord[] },
): Promise<ImportedRuns> {
  const imported: ImportedRuns = { count: 0, skipped: [] }
  for (const record of records) {
    try {
      const problem = await importRun(deps, { projectId, accountId, record })
      if (problem) imported.skipped.push(problem)
      imported.count++
    } catch (error) {
      const isExpected = error instanceof AppError || error instanceof RecipeError
      if (!isExpected) throw error
      imported.skipped.push({ path: record.path, reason: error.message })
    }
  }
  return imported
}

/** @returns what is wrong with its brain, which is left out then */
async function importRun(
  deps: RunRecordsDeps,
  { projectId, accountId, record }: { projectId: string; accountId: string; record: ReadRunRecord },
): Promise<{ path: string; reason: string } | undefined> {
  const { artefacts, runs, trainer, clock, ids } = deps
  const { order, results } = record.run
  const resolved: ResolvedRecipe = await resolveRecipe(lookupIn(artefacts, projectId), order)
  const { evalSpecs: _, evalDatasets: __, maxSeconds, ...recipe } = resolved
  const { plan, prior } = await trainer.plan(resolved)
  const id = ids.newId()
  const stored = await runs.insert(
    {
      ...recipe,
      ...{ id, projectId, accountId, plan, prior, slug: order.slug, description: order.description ?? null },
      compute: { target: 'server', runner: null, provider: 'cpu', maxSeconds },
      status: 'draft',
      results: null,
      error: null,
      createdAt: clock.now(),
      startedAt: null,
      finishedAt: null,
    },
    { runs: MAX_PROJECT_RUNS, unfinished: MAX_UNFINISHED_RUNS, accountUnfinished: null },
  )
  if (stored === 'slug taken') throw new AppError('RUN_SLUG_TAKEN', { params: { slug: order.slug } })
  if (typeof stored === 'string') {
    const params = { what: 'Another run', limit: `${MAX_PROJECT_RUNS} runs of a project` }
    throw new AppError('STUDIO_LIMIT_REACHED', { params })
  }
  const status = statusOf(results)
  if (status === 'draft') return undefined
  const received = status === 'completed' ? await takeBrain(trainer, stored, record) : {}
  const finishedAt = clock.now()
  const change = {
    ...{ status, finishedAt },
    error: textOf(results?.['error'] ?? results?.['reason']),
    results: status === 'completed' ? resultsOf(results ?? {}, received.inputs) : null,
  }
  const event: NewRunEvent = { ts: finishedAt, event: 'log', fields: { line: 'the run came in an archive' } }
  await runs.change(id, ['draft'], change, event)
  return received.problem
}

/** Verify the brain and put it in its place, before the run is said to be completed. */
async function takeBrain(
  trainer: RunRecordsDeps['trainer'],
  run: Run,
  { path, brain }: ReadRunRecord,
): Promise<{ inputs?: RunResults['inputs']; problem?: { path: string; reason: string } }> {
  if (!brain) return {}
  const files = [brain.manifest, brain.weights].map((bytes, i) => ({ path: BRAIN_FILES[i]!, bytes }))
  const archive = await pack(writeTar(files))
  try {
    const checkpoint = await trainer.receive(run, once(archive))
    await checkpoint.keep()
    return { inputs: checkpoint.inputs }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { problem: { path: brain.path ?? path, reason: error.message } }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const STATUSES: Readonly<Record<string, RunStatus>> = {
  ...{ completed: 'completed', ok: 'completed', failed: 'failed', error: 'failed' },
  ...{ cancelled: 'cancelled', skipped: 'skipped' },
}

/** What a file without an end was: to be trained. */
function statusOf(results: Record<string, unknown> | null): RunStatus {
  const said = results?.['status']
  return (typeof said === 'string' && Object.hasOwn(STATUSES, said) && STATUSES[said]) || 'draft'
}

/** Results in our form, as far as the file has them; what the brain takes is read from the brain. */
function resultsOf(said: Record<string, unknown>, inputs: RunResults['inputs']): RunResults {
  const evals = runResultsSchema.shape.evals.safeParse(said['evals'])
  const steps = numberOf(said['steps'])
  return {
    steps: steps !== null && Number.isInteger(steps) ? steps : 0,
    d_in: inputs?.d_in ?? null,
    ...(inputs && { inputs }),
    has_brain: inputs !== undefined,
    final_loss: numberOf(said['final_loss']),
    mean_loss_first_10pct: numberOf(said['mean_loss_first_10pct']),
    mean_loss_last_10pct: numberOf(said['mean_loss_last_10pct']),
    held_out_ratio: numberOf(said['held_out_ratio']),
    wall_time_s: numberOf(said['wall_time_s']) ?? 0,
    evals: evals.success ? evals.data : {},
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 2_000) : null
}
