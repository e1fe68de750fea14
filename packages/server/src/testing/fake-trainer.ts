/** A trainer that a test moves on by hand. */
import type { BrainInputs, ComputeProvider } from '@posterior/contracts'
import { AppError } from '../domain/app-error.ts'
import {
  type ReceivedCheckpoint,
  type ReceivedState,
  type ResolvedRecipe,
  type RunningTraining,
  type StoredCheckpoint,
  type Trainer,
  TrainerLost,
  type TrainingOutcome,
} from '../domain/ports/runs.ts'

/** One start of a run. */
export interface FakeTraining {
  id: string
  emit: Parameters<Trainer['start']>[1]
  finish: (outcome?: TrainingOutcome) => void
  fail: (error: Error) => void
  die: () => void
  isStopped: boolean
}

export const RESULTS = {
  ...{ steps: 2, d_in: 1, final_loss: 0.5, mean_loss_first_10pct: 1, mean_loss_last_10pct: 0.5 },
  ...{ held_out_ratio: null, wall_time_s: 1, evals: {} },
}

const INPUTS: BrainInputs = {
  ...{ kind: 'rows', task: 'classification', d_in: 1, columns: [1, 1], model_columns: [1, 1] },
  ...{ rows: [8, 90], classes: [2, 2], lags: null, season: null, groups: null },
}

export class FakeTrainer implements Trainer {
  /** Every start, oldest first. */
  readonly started: FakeTraining[] = []
  /** Ids of runs with files. */
  readonly folders = new Set<string>()
  /** What was uploaded, by run. */
  readonly brains = new Map<string, string>()

  /** Steps of saved states, by run. */
  readonly states = new Map<string, number>()
  /** Weights of checkpoints, by run and step. */
  readonly kept = new Map<string, Map<number, string>>()

  async plan(recipe: ResolvedRecipe) {
    return { plan: { fake: true }, prior: { ...recipe.prior, version: '1.0.0' } }
  }

  start({ id }: { id: string }, emit: FakeTraining['emit']): RunningTraining {
    this.folders.add(id)
    const { promise, resolve, reject } = Promise.withResolvers<TrainingOutcome>()
    const training: FakeTraining = {
      id,
      emit,
      finish: (outcome = { kind: 'completed', results: RESULTS }) => resolve(outcome),
      fail: reject,
      die: () => reject(new TrainerLost('the training process ended by SIGKILL')),
      isStopped: false,
    }
    this.started.push(training)
    const stop = () => {
      training.isStopped = true
      resolve({ kind: 'stopped' })
    }
    return { done: promise, stop }
  }

  /** A machine with a CPU alone. */
  async problemOf(provider: ComputeProvider): Promise<string | null> {
    return provider === 'cpu' ? null : 'there is no adapter'
  }

  /** What came is kept in memory; the word "bad" is a checkpoint that cannot be used. */
  async receive({ id }: { id: string }, archive: AsyncIterable<Uint8Array>): Promise<ReceivedCheckpoint> {
    const chunks: Uint8Array[] = []
    for await (const chunk of archive) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    if (bytes.toString() === 'bad') {
      const errors = [{ field: 'file', message: 'it is bad.' }]
      throw new AppError('CHECKPOINT_INVALID', { params: { run: id, reason: 'it is bad.' }, errors })
    }
    const keep = async () => {
      this.folders.add(id)
      this.brains.set(id, bytes.toString())
    }
    return { bytes: bytes.length, inputs: INPUTS, keep, discard: async () => {} }
  }

  async tables(): Promise<string[]> {
    return []
  }

  /** A state is a number: its step. */
  async receiveState({ id }: { id: string }, archive: AsyncIterable<Uint8Array>): Promise<ReceivedState> {
    const chunks: Uint8Array[] = []
    for await (const chunk of archive) chunks.push(chunk)
    const step = Number(Buffer.concat(chunks).toString())
    if (Number.isNaN(step)) {
      const errors = [{ field: 'file', message: 'it is bad.' }]
      throw new AppError('CHECKPOINT_INVALID', { params: { run: id, reason: 'it is bad.' }, errors })
    }
    const keep = async () => {
      this.folders.add(id)
      this.states.set(id, step)
    }
    return { bytes: 100, step, keep, discard: async () => {} }
  }

  async savedStep(id: string): Promise<number | undefined> {
    return this.states.get(id)
  }

  async state(id: string): Promise<Uint8Array | undefined> {
    const step = this.states.get(id)
    return step === undefined ? undefined : Buffer.from(String(step))
  }

  async brain(id: string) {
    const bytes = this.brains.get(id)
    return bytes === undefined ? undefined : { manifest: Buffer.from('{}'), weights: Buffer.from(bytes) }
  }

  async checkpoints(id: string): Promise<StoredCheckpoint[]> {
    return [...(this.kept.get(id) ?? new Map())].map(([step, weights], i, { length }) => {
      const sha256 = String(step).padStart(64, '0')
      return { step, savedAt: step, sha256, bytes: weights.length, isLast: i === length - 1 }
    })
  }

  async checkpoint(id: string, step: number) {
    const weights = this.kept.get(id)?.get(step)
    return weights === undefined ? undefined : { manifest: Buffer.from('{}'), weights: Buffer.from(weights) }
  }

  async list(): Promise<string[]> {
    return [...this.folders]
  }

  async remove(id: string): Promise<void> {
    this.folders.delete(id)
  }
}
