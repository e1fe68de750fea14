/** Samples of a prior: of the catalogue by slug, of a project by id. */
import type { PriorSpec, SampleOrder } from '@posterior/contracts'
import { findPrior } from '@posterior/prior'
import { AppError } from '../app-error.ts'
import type { PriorSampler, PriorSource } from '../ports/prior-sampler.ts'
import type { ArtefactStore } from '../ports/studio.ts'

export interface PriorSamplesDeps {
  artefacts: Pick<ArtefactStore, 'findForMember' | 'content'>
  sampler: PriorSampler
}

export class PriorSamples {
  readonly #deps: PriorSamplesDeps

  constructor(deps: PriorSamplesDeps) {
    this.#deps = deps
  }

  /**
   * @param handle  slug of the catalogue, or id of a prior of a project that the account is a member of
   * @returns the bytes of a JSON document
   * @throws AppError NOT_FOUND, and as `PriorSampler.sample`
   */
  async sample(
    accountId: string,
    handle: string,
    order: SampleOrder,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#deps.sampler.sample(await this.#sourceOf(accountId, handle), order, signal)
  }

  async #sourceOf(accountId: string, handle: string): Promise<PriorSource> {
    const own = findPrior(handle)
    if (own) return { kind: 'catalogue', id: own.id }
    const { artefacts } = this.#deps
    const artefact = await artefacts.findForMember(accountId, 'prior', handle)
    const latest = artefact?.versions.at(-1)
    const spec = artefact && latest && (await artefacts.content(artefact.id, latest.version))
    if (!spec) throw new AppError('NOT_FOUND', { params: { what: `Prior ${handle}` } })
    return priorSource(spec as PriorSpec)
  }
}

/** A prior of a project without code stands for the one of the catalogue that has its slug. */
export function priorSource(spec: PriorSpec): PriorSource {
  const named = spec.code === null ? findPrior(spec.slug) : undefined
  return named ? { kind: 'catalogue', id: named.id } : { kind: 'module', spec }
}
