/** What came of a run, from its folder: the log holds every step, also those of earlier starts of the server. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunResults } from '@posterior/contracts'
import { parseManifest } from '@posterior/model'
import { type RunProgress, readEvents } from '../run/run-state.ts'
import { isHeldOut } from '../score/choose-scorer.ts'
import { brainInputsOf } from './brain-inputs.ts'

/** How training ended by itself. `skipped`: no step changed the weights. */
export type FinishedTraining =
  | { kind: 'completed'; results: RunResults }
  | { kind: 'skipped'; reason: string }

/** The outcome of the finished run in `folder`. */
export async function readOutcome(folder: string): Promise<FinishedTraining> {
  const progress = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunProgress
  if (progress.updates === 0) {
    return {
      kind: 'skipped',
      reason: 'No step had a finite gradient, so nothing was learned. Lower the learning rate.',
    }
  }
  const manifest = parseManifest(JSON.parse(await readFile(join(folder, 'model', 'manifest.json'), 'utf8')))
  const inputs = brainInputsOf(manifest)
  const { losses, evals, heldOut } = await readLog(folder, progress.step)
  const tenth = Math.max(1, Math.floor(losses.length / 10))
  const results = {
    steps: progress.step,
    d_in: inputs.d_in,
    inputs,
    final_loss: losses.at(-1) ?? null,
    mean_loss_first_10pct: meanOf(losses.slice(0, tenth)),
    mean_loss_last_10pct: meanOf(losses.slice(-tenth)),
    held_out_ratio: heldOut,
    wall_time_s: progress.seconds,
    evals,
  }
  return { kind: 'completed', results }
}

interface RunLog {
  /** Of every step. */
  readonly losses: number[]
  /** The last score of each eval. */
  readonly evals: RunResults['evals']
  readonly heldOut: number | null
}

async function readLog(folder: string, steps: number): Promise<RunLog> {
  const byStep = new Map<number, number>()
  const evals = new Map<string, RunResults['evals'][string]>()
  let heldOut: number | null = null
  for await (const event of readEvents(folder)) {
    // A step that was taken again after a kill came to the same.
    if (event.type === 'step' && event.step <= steps) byStep.set(event.step, event.loss)
    if (event.type === 'evaluation') heldOut = event.classification ?? event.regression
    if (event.type === 'score') {
      const { slug, step, metrics, meta, skipped, skipReason } = event
      evals.set(slug, { step, metrics, meta, skipped, skip_reason: skipReason })
      if (isHeldOut(event)) heldOut = metrics['loss_ratio'] ?? null
    }
  }
  const losses = [...byStep].sort(([a], [b]) => a - b).map(([, loss]) => loss)
  return { losses, evals: Object.fromEntries(evals), heldOut }
}

function meanOf(losses: readonly number[]): number | null {
  return losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}
