/**
 * Random functions of a few standardised inputs: the node functions of the graph family and the targets of the simpler
 * families. Foundation: TabICLv2's eight node families (MLP, trees, discretisation, Gaussian process by random Fourier
 * features, linear, quadratic, product, clusters), smaller here, plus additive functions of single columns.
 * Every mechanism returns a new standardised array, one number per row.
 */

import type { Random } from '@posterior/tabular'
import { standardise } from './standardise.ts'
import { drawTrees } from './trees.ts'
import { drawImportances } from './weights.ts'

export type Mechanism = (inputs: readonly Float64Array[], random: Random) => Float64Array

/** Weighted sum; importances follow a power law with random signs. */
export const linear: Mechanism = (inputs, random) => {
  return standardise(weightedSum(inputs, signedImportances(inputs.length, random)))
}

/** Products of pairs of linear combinations, with a linear part. */
export const quadratic: Mechanism = (inputs, random) => {
  const out = weightedSum(inputs, signedImportances(inputs.length, random))
  const linearShare = random.uniform(0, 1.5)
  for (let i = 0; i < out.length; i++) out[i]! *= linearShare
  const terms = random.int(1, 4)
  for (let t = 0; t < terms; t++) {
    const a = standardise(weightedSum(inputs, signedImportances(inputs.length, random)))
    const b = random.bool(0.4)
      ? a
      : standardise(weightedSum(inputs, signedImportances(inputs.length, random)))
    const scale = random.normal()
    for (let i = 0; i < out.length; i++) out[i]! += scale * a[i]! * b[i]!
  }
  return standardise(out)
}

/** A random network with one or two hidden layers of 3 to 16 units and mixed activations. */
export const network: Mechanism = (inputs, random) => {
  let layer: readonly Float64Array[] = inputs
  const depth = random.int(1, 3)
  const gain = random.logUniform(0.4, 2.5)
  const importances = drawImportances(inputs.length, random)
  for (let d = 0; d < depth; d++) {
    const width = Math.floor(random.logUniform(3, 17))
    const previous = layer
    layer = Array.from({ length: width }, () => {
      const weights = random.fillNormal(new Float64Array(previous.length))
      if (d === 0)
        for (let j = 0; j < weights.length; j++) weights[j]! *= importances[j]! * Math.sqrt(weights.length)
      for (let j = 0; j < weights.length; j++) weights[j]! *= gain / Math.sqrt(weights.length)
      const out = weightedSum(previous, weights)
      activate(out, random.int(0, 7), random.normal() * gain * 0.7)
      return out
    })
  }
  return standardise(weightedSum(layer, random.fillNormal(new Float64Array(layer.length))))
}

/** A smooth random surface: a Gaussian process by random Fourier features with heavy-tailed frequencies. */
export const smooth: Mechanism = (inputs, random) => {
  const rows = inputs[0]!.length
  const importances = drawImportances(inputs.length, random)
  const frequency = random.logUniform(0.2, 1.8)
  const tail = random.logUniform(2, 20)
  const out = new Float64Array(rows)
  const waves = 24
  const weights = new Float64Array(inputs.length)
  for (let w = 0; w < waves; w++) {
    const scale = (frequency * Math.sqrt(tail)) / Math.sqrt(2 * random.gamma(tail / 2))
    for (let j = 0; j < weights.length; j++) weights[j] = scale * importances[j]! * random.normal()
    const phase = random.uniform(0, 2 * Math.PI)
    const amplitude = random.normal()
    const argument = weightedSum(inputs, weights)
    for (let i = 0; i < rows; i++) out[i]! += amplitude * Math.cos(argument[i]! + phase)
  }
  return standardise(out)
}

/** A sum of functions of single inputs, with a product of two now and then. */
export const additive: Mechanism = (inputs, random) => {
  const importances = drawImportances(inputs.length, random)
  const out = new Float64Array(inputs[0]!.length)
  const monotoneShare = random.uniform()
  for (let j = 0; j < inputs.length; j++) {
    if (importances[j]! < 0.02) continue
    const part = inputs[j]!.slice()
    activate(
      part,
      random.bool(monotoneShare) ? random.choice(MONOTONE) : random.int(0, 9),
      random.normal() * 0.7,
    )
    standardise(part)
    const weight = random.bool() ? importances[j]! : -importances[j]!
    for (let i = 0; i < out.length; i++) out[i]! += weight * part[i]!
  }
  if (inputs.length > 1 && random.bool(0.35)) {
    const part = product(inputs, random)
    const weight = random.uniform(0, 0.8)
    for (let i = 0; i < out.length; i++) out[i]! += weight * part[i]!
  }
  return standardise(out)
}

/** Product or ratio of two or three inputs, each shifted. */
export const product: Mechanism = (inputs, random) => {
  const order = random.permutation(inputs.length)
  const factors = Math.min(inputs.length, random.int(2, 4))
  const out = new Float64Array(inputs[0]!.length).fill(1)
  for (let k = 0; k < factors; k++) {
    const input = inputs[order[k]!]!
    const shift = random.uniform(-2.5, 2.5)
    const divides = k > 0 && random.bool(0.2)
    for (let i = 0; i < out.length; i++) {
      const factor = input[i]! + shift
      out[i]! *= divides ? 1 / (0.5 + Math.abs(factor)) : factor
    }
  }
  return standardise(out)
}

/** A value for the nearest of 2 to 16 centres in the space of the weighted inputs. */
export const nearestCentre: Mechanism = (inputs, random) => {
  const rows = inputs[0]!.length
  const importances = drawImportances(inputs.length, random)
  const centres = Math.floor(random.logUniform(2, 17))
  const picks = Array.from({ length: centres }, () => random.int(0, rows))
  const heights = random.fillNormal(new Float64Array(centres))
  const nearest = new Float64Array(rows).fill(Infinity)
  const out = new Float64Array(rows)
  const distance = new Float64Array(rows)
  for (let c = 0; c < centres; c++) {
    distance.fill(0)
    for (let j = 0; j < inputs.length; j++) {
      const weight = importances[j]!
      if (weight < 0.02) continue
      const input = inputs[j]!
      const centre = input[picks[c]!]!
      for (let i = 0; i < rows; i++) distance[i]! += (weight * (input[i]! - centre)) ** 2
    }
    for (let i = 0; i < rows; i++) {
      if (distance[i]! < nearest[i]!) {
        nearest[i] = distance[i]!
        out[i] = heights[c]!
      }
    }
  }
  return standardise(out)
}

/** One tree, or a sum of up to 32 trees. */
export const trees: Mechanism = (inputs, random) => {
  const count = random.bool(0.4) ? 1 : Math.floor(random.logUniform(2, 33))
  return standardise(drawTrees(inputs, random, { count, depth: random.int(1, count > 8 ? 5 : 6) }))
}

/** Mechanisms that the graph and other mixtures choose from. */
export const MECHANISMS = {
  linear,
  quadratic,
  network,
  smooth,
  additive,
  product,
  nearestCentre,
  trees,
} as const

/** sum over inputs of weight x input, a new array. */
export function weightedSum(inputs: readonly Float64Array[], weights: Float64Array): Float64Array {
  const rows = inputs[0]!.length
  const out = new Float64Array(rows)
  for (let j = 0; j < inputs.length; j++) {
    const weight = weights[j]!
    if (weight === 0) continue
    const input = inputs[j]!
    for (let i = 0; i < rows; i++) out[i]! += weight * input[i]!
  }
  return out
}

function signedImportances(count: number, random: Random): Float64Array {
  const weights = drawImportances(count, random)
  for (let j = 0; j < count; j++) weights[j]! *= (random.bool() ? 1 : -1) * random.uniform(0.5, 1.5)
  return weights
}

/** Shapes of one number; networks use the first seven, additive functions all. */
const SHAPES: readonly ((x: number) => number)[] = [
  Math.tanh,
  (x) => Math.max(0, x),
  (x) => x,
  (x) => Math.sin(1.5 * x),
  (x) => Math.exp(-x * x),
  Math.abs,
  (x) => (x > 0 ? 1 : 0),
  (x) => x * x,
  (x) => Math.exp(Math.min(3, 0.7 * x)),
]

/** Those that only rise. */
const MONOTONE: readonly number[] = [0, 1, 2, 2, 6, 8]

/** Apply one shape in place after a shift by `bias`. */
function activate(values: Float64Array, kind: number, bias: number): void {
  const shape = SHAPES[kind]!
  for (let i = 0; i < values.length; i++) values[i] = shape(values[i]! + bias)
}
