/** Which families the prior is made of, and their shares by task and stage. */

import type { Random } from '@posterior/tabular'
import type { BatchSpec, RowTask } from '../batch/batch-spec.ts'
import type { Family } from './draft.ts'
import { clusterFamily } from './families/clusters.ts'
import { graphFamily } from './families/graph.ts'
import { groupFamily } from './families/groups.ts'
import { linearFamily } from './families/linear.ts'
import { networkFamily } from './families/network.ts'
import { ruleFamily } from './families/rules.ts'
import { smoothFamily } from './families/smooth.ts'
import { treeFamily } from './families/tree-ensemble.ts'

export const FAMILIES = {
  graph: graphFamily,
  clusters: clusterFamily,
  linear: linearFamily,
  trees: treeFamily,
  smooth: smoothFamily,
  network: networkFamily,
  rules: ruleFamily,
  groups: groupFamily,
} as const satisfies Record<string, Family>

export type FamilyName = keyof typeof FAMILIES

/** Relative shares; a family that is not listed is not drawn. */
export const FAMILY_SHARES: Record<
  BatchSpec['stage'],
  Record<RowTask, Partial<Record<FamilyName, number>>>
> = {
  easy: {
    classification: { linear: 35, clusters: 35, trees: 15, smooth: 15 },
    regression: { linear: 45, smooth: 35, trees: 15, clusters: 5 },
  },
  general: {
    classification: {
      graph: 26,
      clusters: 22,
      linear: 18,
      trees: 9,
      smooth: 7,
      network: 5,
      rules: 8,
      groups: 5,
    },
    regression: {
      graph: 32,
      smooth: 20,
      linear: 14,
      trees: 13,
      network: 7,
      groups: 6,
      rules: 4,
      clusters: 4,
    },
  },
}

/**
 * A family for one dataset.
 *
 * @param isAllowed  which families may come; default all
 * @throws RangeError when none of the stage's families may
 */
export function drawFamily(
  spec: Pick<BatchSpec, 'stage' | 'task'>,
  random: Random,
  isAllowed: (name: FamilyName) => boolean = () => true,
): FamilyName {
  const all = Object.entries(FAMILY_SHARES[spec.stage][spec.task as RowTask]) as [FamilyName, number][]
  const shares = all.filter(([name]) => isAllowed(name))
  if (shares.length === 0) {
    const names = all.map(([name]) => name).join(', ')
    throw new RangeError(
      `The ${spec.stage} stage of ${spec.task} has the families ${names}, and none is allowed.`,
    )
  }
  let left = random.uniform(
    0,
    shares.reduce((sum, [, share]) => sum + share, 0),
  )
  for (const [name, share] of shares) {
    left -= share
    if (left < 0) return name
  }
  return shares[0]![0]
}
