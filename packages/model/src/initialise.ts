/** First values of a model's weights, a function of the configuration and a seed alone. */

import { parameterSpecs } from './graphs.ts'
import type { ModelConfig } from './model-config.ts'
import { normalQuantiles } from './normal-quantiles.ts'
import type { ParameterSpec, WeightTensor } from './parameters.ts'

/** What initialisation needs of a random generator. */
export interface NormalSource {
  normal(): number
}

/** Weights at the start of training, in the order of `parameterSpecs`. */
export function initialWeights(config: ModelConfig, random: NormalSource): Map<string, WeightTensor> {
  return new Map(
    parameterSpecs(config).map((spec) => [spec.name, { shape: spec.shape, data: initialise(spec, random) }]),
  )
}

function initialise(spec: ParameterSpec, random: NormalSource): Float32Array {
  const size = spec.shape.reduce((a, b) => a * b, 1)
  const normal = (sd: number) => Float32Array.from({ length: size }, () => sd * random.normal())
  switch (spec.init.kind) {
    case 'zeros':
      return new Float32Array(size)
    case 'ones':
      return new Float32Array(size).fill(1)
    case 'fan-in':
      return normal(1 / Math.sqrt(spec.shape[0]!))
    case 'normal':
      return normal(spec.init.sd)
    case 'orthogonal-rows':
      return orthogonalRows(spec.shape[0]!, spec.shape[1]!, random)
    case 'normal-quantiles':
      return normalQuantiles(size)
  }
}

/**
 * Rows of length sqrt(columns), orthogonal to each other within every group of `columns` rows, so that any two class
 * slots start as far apart as they can.
 */
function orthogonalRows(rows: number, columns: number, random: NormalSource): Float32Array {
  const out = new Float32Array(rows * columns)
  for (let start = 0; start < rows; start += columns) {
    const basis: Float64Array[] = []
    for (let row = start; row < Math.min(rows, start + columns); row++) {
      const vector = Float64Array.from({ length: columns }, () => random.normal())
      for (const other of basis) {
        const overlap = dot(vector, other)
        for (let i = 0; i < columns; i++) vector[i]! -= overlap * other[i]!
      }
      const norm = Math.sqrt(dot(vector, vector))
      for (let i = 0; i < columns; i++) vector[i]! /= norm
      basis.push(vector)
      for (let i = 0; i < columns; i++) out[row * columns + i] = vector[i]! * Math.sqrt(columns)
    }
  }
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
