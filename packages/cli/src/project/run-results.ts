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
  try {
    const written = JSON.parse(await readFile(file, 'utf8'))
    const { files } = await readBrain(brain)
    return written.status === 'completed' && JSON.stringify(written.brain) === JSON.stringify(files)
  } catch {
    return false
  }
}

/** The manifest of the model in `folder`. */
async function readBrain(folder: string): Promise<ModelManifest> {
  return parseManifest(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
}
