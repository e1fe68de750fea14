/** Brains: the models of completed runs, as something to ask. */
import type { BrainInputs } from '@posterior/contracts'
import { AppError } from '../app-error.ts'
import type { Run } from '../ports/runs.ts'
import type { Artefact } from '../ports/studio.ts'
import type { AnswerTarget } from './read-question.ts'
import type { RunAddress, Runs } from './runs/runs.ts'

export interface BrainsDeps {
  runs: Pick<Runs, 'get' | 'list'>
  /** Where the model of a run is. */
  brainFolder: (runId: string) => string
}

export class Brains {
  readonly #deps: BrainsDeps

  constructor(deps: BrainsDeps) {
    this.#deps = deps
  }

  /**
   * The brain of a run, for a member of its project; a viewer may ask it.
   *
   * @throws AppError NOT_FOUND, RUN_NOT_COMPLETED, BRAIN_NOT_HERE
   */
  async find(accountId: string, address: RunAddress): Promise<AnswerTarget> {
    const run = await this.#deps.runs.get(accountId, address)
    const view = `/projects/${run.projectId}/runs/${run.id}`
    return { ...this.target(run), name: run.slug, view }
  }

  /**
   * The brain of a run that was looked up before, without a name that tells of its project.
   *
   * @throws AppError RUN_NOT_COMPLETED, BRAIN_NOT_HERE
   */
  target({ id, status, results }: Pick<Run, 'id' | 'status' | 'results'>): AnswerTarget {
    if (status !== 'completed') throw new AppError('RUN_NOT_COMPLETED')
    if (results?.has_brain === false) throw new AppError('BRAIN_NOT_HERE')
    const inputs = results?.inputs
    return { model: { folder: this.#deps.brainFolder(id) }, name: 'this brain', ...(inputs && { inputs }) }
  }

  /** What the last brain of a model takes; null while there is none, and of what is no model. */
  async inputsOf(accountId: string, { kind, id, projectId }: Artefact): Promise<BrainInputs | null> {
    if (kind !== 'model') return null
    const { runs } = await this.#deps.runs.list(accountId, projectId)
    const last = runs.findLast(({ model, status }) => model.id === id && status === 'completed')
    return last?.results?.inputs ?? null
  }
}
