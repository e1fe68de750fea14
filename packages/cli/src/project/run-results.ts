/** The file beside a run file that says what came of the run. Nothing in it tells of this machine. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelManifest, parseManifest, writeDurably } from '@posterior/model'
import type { RunRecipe } from '@posterior/project'
import type { FinishedTraining } from '@posterior/training'

/** How a run ended. */
export type RunEnd = FinishedTraining | { kind: 'failed'; reason: string }

/** The results file of a run of a project. */
export function resultsFile(project: string, slug: string): string {
  return join(project, 'runs', `${slug}.results.json`)
}

/** What a results file says. */
export interface RunReport {
  run: string
  status: RunEnd['kind']
  error?: { message: string }
  hyperparams: object
  results?: object
  /** Files of the brain with their checksums. */
  brain?: ModelManifest['files']
}

/** What the file says; undefined when there is none, or none that can be read. */
export async function readResults(file: string): Promise<RunReport | undefined> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8'))
    return typeof report?.status === 'string' ? report : undefined
  } catch {
    return undefined
  }
}

/**
 * Write what came of a run.
 *
 * @param brain folder of its model
 */
export async function writeResults(
  file: string,
  { slug, recipe, end, brain }: { slug: string; recipe: RunRecipe; end: RunEnd; brain: string },
): Promise<void> {
  const { prior, model, evals, hyperparams } = recipe
  const completed = end.kind === 'completed'
  const document = {
    run: slug,
    status: end.kind,
    ...(!completed && { error: { message: end.reason } }),
    prior: { id: prior.slug, version: prior.version, overrides: prior.overrides },
    model: { id: model.slug, version: model.version },
    evals: evals.map(({ slug: id, version }) => ({ id, version })),
    hyperparams,
    ...(completed && { results: end.results, brain: (await readBrain(brain)).files }),
  }
  await writeDurably(file, `${JSON.stringify(document, null, 2)}\n`)
}

/** Whether this is what the results file tells of: a completed run with this very brain. */
export async function isTrained(file: string, brain: string): Promise<boolean> {
  const report = await readResults(file)
  const manifest = await readBrain(brain).catch(() => undefined)
  return (
    report?.status === 'completed' && JSON.stringify(report.brain) === JSON.stringify(manifest?.files ?? null)
  )
}

/** The manifest of the model in `folder`. */
async function readBrain(folder: string): Promise<ModelManifest> {
  return parseManifest(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
}
