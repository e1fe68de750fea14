/** The checks that a run would make of its prior before it trains, without a run. */
import type { PriorCheck, PriorCheckOrder } from '@posterior/contracts'
import { findPrior } from '@posterior/prior'
import { resolveRecipe } from '@posterior/project'
import { AppError } from '../app-error.ts'
import type { Trainer } from '../ports/runs.ts'
import type { ArtefactStore } from '../ports/studio.ts'
import type { Projects } from './projects.ts'
import { lookupIn } from './runs/lookup.ts'
import { refuseRecipe } from './runs/refuse-recipe.ts'

export interface PriorChecksDeps {
  projects: Pick<Projects, 'require'>
  artefacts: ArtefactStore
  trainer: Pick<Trainer, 'plan'>
}

export class PriorChecks {
  readonly #deps: PriorChecksDeps

  constructor(deps: PriorChecksDeps) {
    this.#deps = deps
  }

  /**
   * Check a prior of the project by id or slug, else one of the catalogue by slug, as a run with these overrides would.
   *
   * @returns what is wrong; nothing when a run could train on it
   * @throws AppError NOT_FOUND, SERVER_BUSY
   */
  async check(
    accountId: string,
    { project: handle, prior }: { project: string; prior: string },
    { version, overrides }: PriorCheckOrder,
  ): Promise<PriorCheck> {
    const { projects, artefacts, trainer } = this.#deps
    const { project } = await projects.require(accountId, handle)
    const lookup = lookupIn(artefacts, project.id)
    const own = await lookup.find('prior', prior)
    const known = own ?? findPrior(prior)
    if (!known) throw new AppError('NOT_FOUND', { params: { what: `Prior ${prior}` } })
    const about = { slug: known.slug, source: own ? 'project' : 'catalogue' } as const
    try {
      const order = { prior: { id: prior, version, overrides } }
      const recipe = await resolveRecipe(lookup, order).catch(refuseRecipe)
      const { prior: checked } = await trainer.plan(recipe)
      return { ...about, ok: true, version: checked.version, problems: [] }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REQUEST_VALIDATION_ERROR') throw error
      return { ...about, ok: false, version: version ?? null, problems: [...error.errors] }
    }
  }
}
