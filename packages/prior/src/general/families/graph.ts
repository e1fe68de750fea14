/**
 * Structural causal model on a random directed acyclic graph (TabICLv2's main generator, much smaller): every node
 * computes a few numbers from its parents by mechanisms of mixed kinds, columns are dimensions of random nodes, the
 * target is a node of its own, which may stand before, between or after them. What no column shows stays hidden.
 */

import type { Random } from '@posterior/tabular'
import type { Draft, DraftColumn, DraftRequest, Family } from '../draft.ts'
import { additive, linear, MECHANISMS, type Mechanism, network, smooth, trees } from '../mechanisms.ts'
import { observeCategory, observeNumeric } from '../observe.ts'
import { standardise } from '../standardise.ts'
import { drawLatents } from '../variables.ts'

interface Node {
  dims: Float64Array[]
  /** Bit j is set when node j is this node or an ancestor of it. */
  lineage: number
}

export const graphFamily: Family = (request, random): Draft => {
  const nodeCount = Math.floor(random.logUniform(3, 15))
  const target = random.bool(0.6) ? nodeCount - 1 : random.int(0, nodeCount)
  const nodes = drawNodes(request, random, { nodeCount, target })
  const related: Float64Array[] = []
  const others: Float64Array[] = []
  nodes.forEach((node, index) => {
    if (index === target) return
    // A column without a common cause with the target says nothing of it: most such columns are left out.
    if ((node.lineage & nodes[target]!.lineage) !== 0) related.push(...node.dims)
    else if (random.bool(0.15)) others.push(...node.dims)
  })
  if (related.length === 0) return { columns: [], latents: [], labels: null }
  const pool = random.shuffle([...related, ...others])
  const hiddenShare = random.uniform(0, 0.5)
  const shown = Math.min(request.features, Math.max(1, Math.round(pool.length * (1 - hiddenShare))))
  const categoricalShare = Math.max(0, Math.min(1, random.uniform(-0.7, 1)))
  return {
    columns: pool.slice(0, shown).map((dim) => observe(dim, categoricalShare, random)),
    latents: nodes[target]!.dims.slice(0, request.latents),
    labels: null,
  }
}

function observe(dim: Float64Array, categoricalShare: number, random: Random): DraftColumn {
  return random.bool(categoricalShare) ? observeCategory(dim, random) : observeNumeric(dim, random)
}

function drawNodes(
  { rows, features, latents }: DraftRequest,
  random: Random,
  { nodeCount, target }: { nodeCount: number; target: number },
): Node[] {
  const repertoire = drawRepertoire(random)
  const density = random.cauchy()
  const outBias = Float64Array.from({ length: nodeCount }, () => random.cauchy())
  const nodes: Node[] = []
  // Enough dimensions that the wanted columns exist with something left to hide.
  const width = Math.max(1, Math.ceil((1.4 * features) / Math.max(1, nodeCount - 1)))
  for (let j = 0; j < nodeCount; j++) {
    const dimCount = j === target ? latents : random.int(Math.max(1, width - 1), width + 3)
    const parents = nodes.filter((_, i) => random.bool(1 / (1 + Math.exp(-density - outBias[i]!))))
    if (parents.length === 0 && j > 0 && (j === target || random.bool(0.8)))
      parents.push(random.choice(nodes))
    nodes.push(drawNode(parents, { rows, dimCount, bit: 1 << j }, { repertoire, random }))
  }
  return nodes
}

function drawNode(
  parents: Node[],
  { rows, dimCount, bit }: { rows: number; dimCount: number; bit: number },
  { repertoire, random }: { repertoire: readonly Mechanism[]; random: Random },
): Node {
  if (parents.length === 0) return { dims: drawLatents(rows, dimCount, random), lineage: bit }
  const inputs = random.shuffle(parents.flatMap((parent) => parent.dims)).slice(0, random.int(1, 9))
  const noise = random.logUniform(0.01, 0.7)
  const dims = Array.from({ length: dimCount }, () => {
    const values = random.choice(repertoire)(inputs, random)
    for (let i = 0; i < rows; i++) values[i]! += noise * random.normal()
    return standardise(values)
  })
  return { dims, lineage: parents.reduce((bits, parent) => bits | parent.lineage, bit) }
}

/** The mechanisms of one dataset: one kind only, or a few, or all; common shapes of real data more often. */
function drawRepertoire(random: Random): Mechanism[] {
  const all = [
    ...Object.values(MECHANISMS),
    linear,
    linear,
    linear,
    network,
    trees,
    additive,
    additive,
    smooth,
  ]
  const kind = random.uniform()
  if (kind < 0.3) return all
  if (kind < 0.5) return [linear, linear, random.choice(all)]
  return Array.from({ length: random.int(1, 4) }, () => random.choice(all))
}
