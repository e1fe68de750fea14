/**
 * Checkpoints of a run on its way, beside the last one in `model/`: `checkpoints/STEP/`, the newest ones. Their files are
 * links to those that the trainer wrote, which it never changes in place, so that keeping one writes nothing.
 */
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_FILE, WEIGHTS_FILE } from '@posterior/model'

/** Inside the folder of a run. */
export const CHECKPOINTS_FOLDER = 'checkpoints'

/** Keep the model of the run in `folder` as that of `step`, and of all of them the `keep` newest; 0 keeps none. */
export async function keepCheckpoint(folder: string, step: number, keep: number): Promise<void> {
  const all = join(folder, CHECKPOINTS_FOLDER)
  if (keep > 0) {
    const making = join(all, `.${step}`)
    await rm(making, { recursive: true, force: true })
    await mkdir(making, { recursive: true })
    for (const name of [WEIGHTS_FILE, MANIFEST_FILE]) {
      await linkOrCopy(join(folder, 'model', name), join(making, name))
    }
    // One of this step is there when a kill came between this and the end of the save.
    await rm(join(all, String(step)), { recursive: true, force: true })
    await rename(making, join(all, String(step)))
  }
  const steps = await keptSteps(folder)
  for (const old of steps.slice(0, Math.max(0, steps.length - keep))) {
    await rm(join(all, String(old)), { recursive: true, force: true })
  }
}

/** Steps of the checkpoints that are kept in the folder of a run, in order. */
export async function keptSteps(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, CHECKPOINTS_FOLDER)).catch(() => [])
  return names
    .filter((name) => /^\d{1,15}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** Not every file system has links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to))
}
