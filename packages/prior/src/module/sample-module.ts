/** Samples of a user's prior for looking at them, in the form of the catalogue's. */

import { validateOverrides } from '../catalogue/parameters.ts'
import { PriorError } from '../catalogue/prior-error.ts'
import {
  MOST_CELLS,
  type PriorSample,
  type PriorSamples,
  readSampleOptions,
  type SamplePriorOptions,
} from '../catalogue/sample-prior.ts'
import type { ModuleSource } from './module-source.ts'

/**
 * Draw samples of a module. The same seed and overrides give the same sample.
 *
 * @throws PriorError for a count, seed or override that cannot be used, and for more numbers than a million; ModuleError
 *   when the module fails, with the parameters and the seed that it failed with
 */
export async function sampleModule(
  source: ModuleSource,
  options: SamplePriorOptions = {},
): Promise<PriorSamples> {
  const { count, seed, overrides } = readSampleOptions(options)
  const { id: prior_id, version, declaration } = source.module
  const { name, kind, outputs, parameters } = declaration
  validateOverrides({ id: prior_id, parameters }, overrides)
  const samples: PriorSample[] = []
  let cells = 0
  for (let i = 0; i < count; i++) {
    const [sample] = await source.draw([seed + i], overrides)
    const { values, logs, ...rest } = sample!
    cells += Object.values(values).reduce((sum, { data }) => sum + data.length, 0)
    if (cells > MOST_CELLS) {
      throw new PriorError(
        `The samples may have ${MOST_CELLS} numbers together; with sample ${i + 1} of ${count} they have ${cells}. ` +
          'Ask for fewer or smaller samples.',
        'count',
      )
    }
    samples.push({ seed: rest.seed, parameters: rest.parameters, values, ...(logs.length > 0 && { logs }) })
  }
  return { prior_id, name, version, kind, outputs, parameters, overrides, samples }
}
