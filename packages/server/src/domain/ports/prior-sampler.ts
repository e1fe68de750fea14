/** What draws samples of priors, away from the thread that answers requests. */
import type { PriorSpec, SampleOrder } from '@posterior/contracts'

/** A prior that comes with the server, or one with code of its own. */
export type PriorSource = { kind: 'catalogue'; id: string } | { kind: 'module'; spec: PriorSpec }

export interface PriorSampler {
  /**
   * @returns the samples as the bytes of their JSON document
   * @throws AppError REQUEST_VALIDATION_ERROR that names the field, PRIOR_NOT_RUN, SERVER_BUSY
   */
  sample(source: PriorSource, order: SampleOrder, signal: AbortSignal): Promise<Uint8Array>
}
