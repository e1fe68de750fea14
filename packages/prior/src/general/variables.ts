/** Input variables of the families that compute a target from inputs: how they depend on each other and how they look. */

import type { Random } from '@posterior/tabular'
import type { DraftColumn } from './draft.ts'
import { drawCategory, observeCategory, observeNumeric } from './observe.ts'
import { standardise } from './standardise.ts'

/** One input: the column that is seen and the standardised number by which it acts on the target. */
export interface Variable {
  column: DraftColumn
  driver: Float64Array
}

/** `count` variables over `rows` rows. `plain` variables are numeric and keep normal-like or uniform marginals. */
export function drawVariables(rows: number, count: number, random: Random, plain = false): Variable[] {
  const latents = drawLatents(rows, count, random)
  const categoricalShare = plain ? 0 : Math.max(0, Math.min(1, random.uniform(-0.7, 1.15)))
  const drivenBySeen = random.uniform(0.3, 1)
  const style = random.uniform()
  return latents.map((latent) => {
    if (random.bool(categoricalShare)) return drawCategorical(latent, random)
    // In some tables every number looks alike: all normal, or all as the column's own kind decides.
    const column = observeNumeric(latent, random, plain || style < 0.3)
    const driver = random.bool(drivenBySeen) ? standardise(column.values.slice()) : latent
    return { column, driver }
  })
}

function drawCategorical(latent: Float64Array, random: Random): Variable {
  if (random.bool(0.5)) {
    const { column, effect } = drawCategory(latent.length, random)
    return { column, driver: effect }
  }
  const column = observeCategory(latent, random)
  if (random.bool(0.5)) return { column, driver: latent }
  const effects = random.fillNormal(new Float64Array(64))
  return { column, driver: standardise(column.values.map((code) => effects[code]!)) }
}

/** Standardised latents: independent, driven by common factors, in clusters, or uniform. */
export function drawLatents(rows: number, count: number, random: Random): Float64Array[] {
  const kind = random.uniform()
  if (kind < 0.2) return Array.from({ length: count }, () => random.fillNormal(new Float64Array(rows)))
  if (kind < 0.35) {
    return Array.from({ length: count }, () => {
      const values = new Float64Array(rows)
      for (let i = 0; i < rows; i++) values[i] = random.uniform(-1.732, 1.732)
      return values
    })
  }
  const factorCount = random.int(1, Math.max(2, Math.min(6, count)))
  const factors =
    kind < 0.85 ? drawNormals(rows, factorCount, random) : drawMixture(rows, factorCount, random)
  const communality = random.uniform(0.1, 0.95)
  return Array.from({ length: count }, () =>
    loadFactors(factors, random, random.beta(4 * communality, 4 * (1 - communality))),
  )
}

/** One latent whose variance comes from the factors by the share `communality` and from itself for the rest. */
function loadFactors(factors: Float64Array[], random: Random, communality: number): Float64Array {
  const rows = factors[0]!.length
  const values = new Float64Array(rows)
  for (const factor of factors) {
    const weight = random.normal()
    for (let i = 0; i < rows; i++) values[i]! += weight * factor[i]!
  }
  standardise(values)
  const own = Math.sqrt(1 - communality)
  const shared = Math.sqrt(communality)
  for (let i = 0; i < rows; i++) values[i] = shared * values[i]! + own * random.normal()
  return values
}

function drawNormals(rows: number, count: number, random: Random): Float64Array[] {
  return Array.from({ length: count }, () => random.fillNormal(new Float64Array(rows)))
}

function drawMixture(rows: number, count: number, random: Random): Float64Array[] {
  const clusters = random.int(2, 7)
  const member = new Int32Array(rows)
  for (let i = 0; i < rows; i++) member[i] = random.int(0, clusters)
  const spread = random.logUniform(0.2, 1)
  return Array.from({ length: count }, () => {
    const centres = random.fillNormal(new Float64Array(clusters))
    const values = new Float64Array(rows)
    for (let i = 0; i < rows; i++) values[i] = centres[member[i]!]! + spread * random.normal()
    return standardise(values)
  })
}
