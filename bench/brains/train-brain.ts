/** One brain by the default recipe, its minutes counted in processor time. */
import type { ModelConfig } from '@posterior/model'
import { brainTrainingConfig, loadRun, train } from '@posterior/training'

export interface TrainBrainOptions {
  /** Processor seconds of the whole run; 0 takes what the folder holds. */
  readonly seconds: number
  readonly seed: number
  readonly workers: number
  readonly signal: AbortSignal
  /** The model; default the size `quick`. */
  readonly architecture?: ModelConfig
}

/** Cores that the recipe's minutes are meant for. */
const CORES = 2

/** Train, or go on. @returns whether the run is complete */
export async function trainBrain(
  slug: string,
  folder: string,
  { seconds, seed, workers, signal, architecture }: TrainBrainOptions,
): Promise<boolean> {
  if (seconds === 0) return (await loadRun(folder)) !== undefined
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const recipe = brainTrainingConfig(prior, { seed, budget: { minutes: seconds / 60 / CORES } })
  // Looked at less often, which changes nothing of what is learned.
  const config = { ...recipe, evaluateEvery: 1000, ...(architecture && { architecture }) }
  let isComplete = false
  await train(config, {
    folder,
    workers,
    threads: 1,
    signal,
    clock: () => processorMilliseconds() / CORES,
    onEvent(event) {
      if (event.type === 'finished') isComplete = true
      if (event.type !== 'evaluation') return
      // A brain has one task.
      const share = event.regression ?? event.classification ?? event.discovery
      console.error(`${slug}: step ${event.step}, ${share?.toFixed(3)} of the loss without features`)
    },
  })
  return isComplete || !signal.aborted
}

export interface TrainingCost {
  readonly processorSeconds: number
  readonly steps: number
  /** Tasks that were trained on. */
  readonly tasks: number
}

/** What the run in `folder` took. */
export async function trainingCost(folder: string): Promise<TrainingCost> {
  const run = await loadRun(folder)
  if (!run) throw new Error(`${folder} holds no run; train first`)
  const { seconds, step, datasets } = run.progress
  return { processorSeconds: Math.round(seconds * CORES), steps: step, tasks: datasets }
}

/** Of all threads of this process, the gradient workers' among them. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
