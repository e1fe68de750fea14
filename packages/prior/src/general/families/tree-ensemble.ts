import { standardise } from '../standardise.ts'
import { drawTrees } from '../trees.ts'
import { familyFromInputs } from './from-inputs.ts'

/** Targets that are sums of axis-aligned trees; the easy stage has one shallow tree. */
export const treeFamily = familyFromInputs((request, random) => {
  const count = request.easy || random.bool(0.3) ? 1 : Math.floor(random.logUniform(2, 64))
  const depth = request.easy ? random.int(1, 4) : random.int(1, count > 8 ? 6 : 7)
  return (inputs, draw) => standardise(drawTrees(inputs, draw, { count, depth }))
})
