/** Samples of a prior for looking at them. */

import { Random } from '@posterior/tabular'
import { drawParameters, validateOverrides } from './parameters.ts'
import { PriorError } from './prior-error.ts'
import type {
  OutputSpec,
  Overrides,
  ParameterSpecs,
  ParameterValues,
  StudioPrior,
  Tensor,
} from './studio-prior.ts'

export interface SamplePriorOptions {
  /** Samples, 1 to 100; default 9. */
  readonly count?: number
  /** Sample i is drawn from seed + i; default 42. */
  readonly seed?: number
  readonly overrides?: Overrides
}

export interface PriorSample {
  readonly seed: number
  /** The values that this sample was drawn with. */
  readonly parameters: ParameterValues
  /** One tensor per declared output. */
  readonly values: Readonly<Record<string, Tensor>>
  /** What the prior of a user printed, if anything. */
  readonly logs?: readonly string[]
}

export interface PriorSamples {
  readonly prior_id: string
  readonly name: string
  readonly version: string
  readonly kind: string
  readonly outputs: readonly OutputSpec[]
  readonly parameters: ParameterSpecs
  readonly overrides: Overrides
  readonly samples: readonly PriorSample[]
}

const MOST_SAMPLES = 100
/** Rows x columns of all samples together: some tens of megabytes as JSON. */
export const MOST_CELLS = 1_000_000

/** @throws PriorError for a count or a seed out of range */
export function readSampleOptions(options: SamplePriorOptions): Required<SamplePriorOptions> {
  const { count = 9, seed = 42, overrides = {} } = options
  requireWhole('count', count, 1, MOST_SAMPLES)
  requireWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER - MOST_SAMPLES)
  return { count, seed, overrides }
}

/** @throws PriorError for a count, seed or override that cannot be used, and for more cells than a million */
export function samplePrior(prior: StudioPrior, options: SamplePriorOptions = {}): PriorSamples {
  const { count, seed, overrides } = readSampleOptions(options)
  validateOverrides(prior, overrides)
  const { id: prior_id, name, version, kind, outputs, parameters } = prior
  let cells = 0
  const samples = Array.from({ length: count }, (_, i): PriorSample => {
    const random = Random.fromSeed('sample', seed + i)
    const drawn = drawParameters(parameters, overrides, random)
    const { rows, features } = prior.layout(drawn)
    cells += rows * features
    if (cells > MOST_CELLS) {
      throw new PriorError(
        `The samples may have ${MOST_CELLS} cells (rows x columns) together; sample ${i + 1} of ${count} has ` +
          `${rows} x ${features} and brings them to ${cells}. Ask for fewer or smaller samples.`,
        'count',
      )
    }
    return { seed: seed + i, parameters: drawn, values: prior.sample(drawn, random) }
  })
  return { prior_id, name, version, kind, outputs, parameters, overrides, samples }
}

function requireWhole(name: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw new PriorError(
      `${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}.`,
      name,
    )
  }
}
