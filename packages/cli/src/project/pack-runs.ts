/** The runs of a folder as files of an archive: what is to be trained, what came of it, and the brains if asked for. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  BRAIN_FILES,
  type CheckedProject,
  type ReadRun,
  runFileDocument,
  type TarFile,
  yamlOf,
} from '@posterior/project'
import { type RunReport, readResults, resultsFile } from './run-results.ts'

export interface PackedRuns {
  files: TarFile[]
  /** What is left out, and why. */
  left: string[]
}

/** The runs of the project in `folder`. */
export async function packRuns(
  folder: string,
  { runs, findings }: CheckedProject,
  { withBrains }: { withBrains: boolean },
): Promise<PackedRuns> {
  const files: TarFile[] = []
  const read = new Set(runs.map(({ path }) => path))
  const unread = findings.filter(({ path }) => path.startsWith('runs/') && !read.has(path))
  const left = [...new Set(unread.map(({ path }) => path))].map((path) => {
    const { field, message } =
      unread.find((each) => each.path === path && /not known/.test(each.message)) ??
      unread.find((each) => each.path === path)!
    return `${path}: ${field === null ? '' : `${field} `}${message}`
  })
  for (const run of runs) {
    const { slug } = run.run.order
    const report = run.run.results ? undefined : await reportOf(folder, run)
    const document = runFileDocument({ ...run.run, results: report ? recordOf(report) : run.run.results })
    files.push({ path: `runs/${slug}.yaml`, bytes: Buffer.from(yamlOf(document)) })
    if (withBrains && report) files.push(...(await brainOf(folder, slug, report)))
  }
  return { files, left }
}

/** What came of a run, if it was trained as its file says. */
async function reportOf(folder: string, { run, id }: ReadRun): Promise<RunReport | undefined> {
  const report = await readResults(resultsFile(folder, id))
  const isSame = JSON.stringify(sorted(report?.hyperparams)) === JSON.stringify(sorted(run.order.hyperparams))
  return isSame ? report : undefined
}

const sorted = (fields: object | null | undefined) =>
  Object.entries(fields ?? {})
    .filter(([, value]) => value != null)
    .sort(([a], [b]) => (a < b ? -1 : 1))

/** In the form in which a server writes it. */
function recordOf({ status, error, results }: RunReport): Record<string, unknown> {
  const { inputs: _, ...figures } = (results ?? {}) as Record<string, unknown>
  return { status, ...(error && { error: error.message }), ...figures }
}

/** The files of a brain that is the one of the results. */
async function brainOf(folder: string, slug: string, { brain }: RunReport): Promise<TarFile[]> {
  const at = join(folder, 'runs', slug, 'model')
  if (!brain || !existsSync(join(at, BRAIN_FILES[0]))) return []
  const files = await Promise.all(
    BRAIN_FILES.map(async (name) => ({
      path: `runs/${slug}/model/${name}`,
      bytes: await readFile(join(at, name)),
    })),
  )
  const { files: stated } = JSON.parse(String(files[0]!.bytes)) as { files: unknown }
  return JSON.stringify(stated) === JSON.stringify(brain) ? files : []
}
