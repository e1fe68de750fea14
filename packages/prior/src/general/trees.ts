/** Random axis-aligned regression trees, grown without data: thresholds are values of random rows. */

import type { Random } from '@posterior/tabular'
import { drawImportances, drawIndex } from './weights.ts'

/**
 * Sum of `count` complete binary trees of `depth` levels over the inputs. Splits prefer important inputs. A third of the
 * trees are oblivious (one split per level), which gives lattices. A leaf is a standard normal plus, in most ensembles,
 * a step per split on its path whose direction belongs to the input: as in real tables, each column then has a main
 * effect on top of the interactions.
 */
export function drawTrees(
  inputs: readonly Float64Array[],
  random: Random,
  { count, depth }: { count: number; depth: number },
): Float64Array {
  const rows = inputs[0]!.length
  const shares = toShares(drawImportances(inputs.length, random))
  const steps = random.fillNormal(new Float64Array(inputs.length))
  const mainEffect = random.bool(0.3) ? 0 : random.uniform(0.3, 2)
  const out = new Float64Array(rows)
  const inner = (1 << depth) - 1
  const features = new Int32Array(inner)
  const thresholds = new Float64Array(inner)
  const leaves = new Float64Array(1 << depth)
  for (let t = 0; t < count; t++) {
    const isOblivious = random.bool(1 / 3)
    for (let node = 0; node < inner; node++) {
      const first = (1 << (31 - Math.clz32(node + 1))) - 1
      if (isOblivious && node !== first) {
        features[node] = features[first]!
        thresholds[node] = thresholds[first]!
        continue
      }
      features[node] = drawIndex(shares, random)
      thresholds[node] = drawThreshold(inputs[features[node]!]!, random)
    }
    random.fillNormal(leaves)
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      let node = leaf + inner
      while (node > 0) {
        const parent = (node - 1) >> 1
        leaves[leaf]! += mainEffect * steps[features[parent]!]! * (node === 2 * parent + 2 ? 0.5 : -0.5)
        node = parent
      }
    }
    for (let i = 0; i < rows; i++) {
      let node = 0
      for (let d = 0; d < depth; d++)
        node = 2 * node + (inputs[features[node]!]![i]! > thresholds[node]! ? 2 : 1)
      out[i]! += leaves[node - inner]!
    }
  }
  return out
}

/** Middle of three random rows' values, a little off, so that splits near the edge are rare. */
function drawThreshold(input: Float64Array, random: Random): number {
  const a = input[random.int(0, input.length)]!
  const b = input[random.int(0, input.length)]!
  const c = input[random.int(0, input.length)]!
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c)) - 1e-9
}

function toShares(importances: Float64Array): Float64Array {
  let sum = 0
  for (const weight of importances) sum += weight
  return importances.map((weight) => weight / sum)
}
