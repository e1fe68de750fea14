/** Models that are composed of blocks, as they come in: what could not be trained is not stored. */
import type { ModelSpec } from '@posterior/contracts'
import { CompositionError, compose } from '@posterior/model'
import { invalidField } from '../app-error.ts'

/**
 * Check the blocks of a model; one without blocks names a size instead.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR that names the block
 */
export function checkModel({ blocks, d_in }: ModelSpec): void {
  if (blocks.length === 0) return
  try {
    compose(blocks, d_in)
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error
    throw invalidField(error.index === undefined ? 'blocks' : `blocks.${error.index}`, error.message)
  }
}
