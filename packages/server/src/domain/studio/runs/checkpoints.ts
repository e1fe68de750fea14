/** The models of a run as it was on its way: what there is of them, and each as a file. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type EvalScore, evalEventSchema } from '@posterior/contracts'
import { writeTar } from '@posterior/project'
import { AppError } from '../../app-error.ts'
import type { RunStore, StoredCheckpoint, Trainer } from '../../ports/runs.ts'
import type { RunAddress, Runs } from './runs.ts'

const pack = promisify(gzip)

export interface CheckpointsDeps {
  runs: Pick<Runs, 'get'>
  store: Pick<RunStore, 'evalsAt'>
  trainer: Pick<Trainer, 'checkpoints' | 'checkpoint'>
}

/** A checkpoint with what was measured at its step, by the slug of the eval. */
export interface ScoredCheckpoint extends Omit<StoredCheckpoint, 'isLast'> {
  isBrain: boolean
  scores: Record<string, EvalScore>
}

/** For every member of the project. Each method throws AppError NOT_FOUND for what the account may not see. */
export class Checkpoints {
  readonly #deps: CheckpointsDeps

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps
  }

  /** By step. */
  async list(accountId: string, address: RunAddress): Promise<ScoredCheckpoint[]> {
    const { runs, store, trainer } = this.#deps
    const { id, status } = await runs.get(accountId, address)
    const kept = await trainer.checkpoints(id)
    const events = await store.evalsAt(
      id,
      kept.map(({ step }) => step),
    )
    // Those of a run that trained elsewhere are what its runner told.
    const measured = events.flatMap((event) => evalEventSchema.safeParse(event).data ?? [])
    return kept.map(({ isLast, ...checkpoint }) => {
      const own = measured.filter(({ step }) => step === checkpoint.step)
      // Of two measurements of a step, before and after a restart, the last one.
      const scores = Object.fromEntries(own.map(({ slug, ...score }) => [slug, score]))
      return { ...checkpoint, isBrain: isLast && status === 'completed', scores }
    })
  }

  /** The checkpoint of a step as a tar.gz of manifest.json and model.safetensors, and a name for it. */
  async archive(
    accountId: string,
    address: RunAddress,
    step: number,
  ): Promise<{ name: string; bytes: Buffer }> {
    const { id, slug } = await this.#deps.runs.get(accountId, address)
    const files = await this.#deps.trainer.checkpoint(id, step)
    if (!files) throw new AppError('NOT_FOUND', { params: { what: `Checkpoint ${step} of run ${slug}` } })
    const tar = writeTar([
      { path: 'manifest.json', bytes: files.manifest },
      { path: 'model.safetensors', bytes: files.weights },
    ])
    return { name: `${slug}-${step}.tar.gz`, bytes: await pack(tar) }
  }
}
