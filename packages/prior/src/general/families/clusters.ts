/**
 * Class-conditional clusters, the shape of many small measurement tables: each class is one to three Gaussian clusters
 * over correlated columns, and its own frequencies over categorical ones. In regression each cluster has its own
 * linear target.
 */

import type { Random } from '@posterior/tabular'
import type { Draft, DraftColumn, DraftRequest, Family } from '../draft.ts'
import { drawLevels, observeNumeric } from '../observe.ts'
import { standardise } from '../standardise.ts'
import { drawImportances, drawIndex, drawShares } from '../weights.ts'

interface Assignment {
  cluster: Int32Array
  clusterCount: number
  labels: Int32Array
}

export const clusterFamily: Family = (request, random): Draft => {
  const { rows, features, easy } = request
  const assignment = assignRows(request, random)
  const categoricalShare = easy ? 0 : Math.max(0, random.uniform(-1, 0.9))
  const categorical = Array.from({ length: features }, () => random.bool(categoricalShare))
  const numericCount = Math.max(1, categorical.filter((is) => !is).length)
  const separation = easy ? random.logUniform(1.5, 5) : random.logUniform(0.9, 6)
  const dims = drawClusterDims(assignment, random, { rows, count: numericCount, separation })
  const drivers = dims.map((dim) => standardise(dim.slice()))
  let next = 0
  const columns = categorical.map((isCategorical): DraftColumn => {
    if (isCategorical || next === dims.length) return drawClassCategory(assignment, random, separation)
    return observeNumeric(standardise(dims[next++]!), random, easy || random.bool(0.4))
  })
  if (request.task === 'classification') return { columns, latents: [], labels: assignment.labels }
  return { columns, latents: [linearPerCluster(drivers, assignment, random)], labels: null }
}

function assignRows({ rows, classes, easy, task }: DraftRequest, random: Random): Assignment {
  const classCount = task === 'classification' ? classes : random.int(2, 7)
  const classOf: number[] = []
  const multiple = !easy && random.bool(0.25)
  for (let c = 0; c < classCount; c++) {
    const parts = multiple ? random.int(1, 4) : 1
    for (let p = 0; p < parts; p++) classOf.push(c)
  }
  const shares = drawShares(classOf.length, random, {
    concentration: random.logUniform(0.4, 12),
    floor: 0.12,
  })
  const cluster = new Int32Array(rows)
  for (let i = 0; i < rows; i++) cluster[i] = drawIndex(shares, random)
  return { cluster, clusterCount: classOf.length, labels: cluster.map((k) => classOf[k]!) }
}

/** Columns x = mean of the cluster + correlated noise; the columns share the total separation by importance. */
function drawClusterDims(
  { cluster, clusterCount }: Assignment,
  random: Random,
  { rows, count, separation }: { rows: number; count: number; separation: number },
): Float64Array[] {
  const importances = drawImportances(count, random)
  const factorCount = random.int(1, Math.min(5, count) + 1)
  const factors = Array.from({ length: factorCount }, () => random.fillNormal(new Float64Array(rows)))
  const communality = random.bool(0.3) ? 0 : random.uniform(0.1, 0.9)
  const sharesSpread = random.bool(0.65)
  const clusterScale = Float64Array.from({ length: clusterCount }, () => random.logUniform(0.4, 2.5))
  const heavyTail = random.bool(0.15) ? random.uniform(3, 8) : 0
  return Array.from({ length: count }, (_, j) => {
    const means = new Float64Array(clusterCount)
    const scales = new Float64Array(clusterCount)
    for (let k = 0; k < clusterCount; k++) {
      means[k] = separation * importances[j]! * random.normal()
      scales[k] = sharesSpread ? 1 : clusterScale[k]! * random.logUniform(0.6, 1.7)
    }
    const loadings = random.fillNormal(new Float64Array(factorCount))
    let norm = 0
    for (const loading of loadings) norm += loading * loading
    const values = new Float64Array(rows)
    for (let i = 0; i < rows; i++) {
      let shared = 0
      for (let q = 0; q < factorCount; q++) shared += loadings[q]! * factors[q]![i]!
      const own = heavyTail > 0 ? random.studentT(heavyTail) : random.normal()
      const noise = Math.sqrt(communality / norm) * shared + Math.sqrt(1 - communality) * own
      const k = cluster[i]!
      values[i] = means[k]! + scales[k]! * noise
    }
    return values
  })
}

/** A categorical column whose level frequencies depend on the cluster, the more the larger the separation. */
function drawClassCategory(
  { cluster, clusterCount }: Assignment,
  random: Random,
  separation: number,
): DraftColumn {
  const levels = drawLevels(random)
  const base = drawShares(levels, random, { concentration: 1.5, floor: 0.15 })
  const strength = random.bool(0.3) ? 0 : random.uniform(0, 0.5) * separation
  const perCluster = Array.from({ length: clusterCount }, () => {
    const shares = base.map((share) => share * Math.exp(strength * random.normal()))
    let sum = 0
    for (const share of shares) sum += share
    return shares.map((share) => share / sum)
  })
  const values = new Float64Array(cluster.length)
  for (let i = 0; i < values.length; i++) values[i] = drawIndex(perCluster[cluster[i]!]!, random)
  return { values, levels }
}

function linearPerCluster(
  drivers: Float64Array[],
  { cluster, clusterCount }: Assignment,
  random: Random,
): Float64Array {
  const slopeShare = random.uniform(0, 1)
  const offsets = random.fillNormal(new Float64Array(clusterCount))
  const slopes = Array.from({ length: clusterCount }, () => drawSlopes(drivers.length, random))
  const out = new Float64Array(cluster.length)
  for (let i = 0; i < out.length; i++) {
    const k = cluster[i]!
    let slope = 0
    for (let j = 0; j < drivers.length; j++) slope += slopes[k]![j]! * drivers[j]![i]!
    out[i] = offsets[k]! + slopeShare * slope
  }
  return standardise(out)
}

function drawSlopes(count: number, random: Random): Float64Array {
  return drawImportances(count, random).map((weight) => weight * random.normal())
}
