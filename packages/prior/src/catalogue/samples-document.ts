/** Samples as programs of the studio read them (pfn-studio section 3.1): plain JSON, arrays as nested lists. */
import type { PriorSamples } from './sample-prior.ts'
import type { OutputSpec, Overrides, ParameterSpecs, Tensor } from './studio-prior.ts'

/** A number, or lists of them as deep as the array has dimensions; null for what JSON cannot hold. */
export type NestedNumbers = number | null | NestedNumbers[]

export interface SamplesDocument {
  prior_id: string
  name: string
  version: string
  kind: string
  outputs: readonly OutputSpec[]
  parameters: ParameterSpecs
  overrides: Overrides
  /** One key per output beside the seed. */
  samples: Record<string, NestedNumbers>[]
}

/** The document of these samples. */
export function samplesDocument({ samples, ...head }: PriorSamples): SamplesDocument {
  return {
    ...head,
    samples: samples.map(({ seed, values }) => ({
      seed,
      ...Object.fromEntries(Object.entries(values).map(([name, tensor]) => [name, nested(tensor)])),
    })),
  }
}

function nested({ shape, data }: Tensor): NestedNumbers {
  const [size, ...inner] = shape
  if (size === undefined) return Number.isFinite(data[0]) ? data[0]! : null
  const width = data.length / Math.max(1, size)
  return Array.from({ length: size }, (_, i) =>
    nested({ shape: inner, data: data.subarray(i * width, (i + 1) * width) }),
  )
}
