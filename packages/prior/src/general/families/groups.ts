/**
 * Group effects: one to three categorical columns of up to 60 levels with long-tailed frequencies shift the target
 * (random intercepts) and bend another column's slope (random slopes), on top of a function of ordinary columns.
 */

import type { Draft, Family } from '../draft.ts'
import { additive, linear, smooth } from '../mechanisms.ts'
import { drawCategory } from '../observe.ts'
import { standardise } from '../standardise.ts'
import { drawVariables } from '../variables.ts'

export const groupFamily: Family = (request, random): Draft => {
  const { rows, features } = request
  const groupCount = Math.min(features, random.int(1, 4))
  const mostLevels = Math.max(4, Math.min(60, Math.floor(rows / 6)))
  const groups = Array.from({ length: groupCount }, () => {
    return drawCategory(rows, random, Math.floor(random.logUniform(3, mostLevels + 1)))
  })
  const others = drawVariables(rows, Math.max(1, features - groupCount), random)
  const inputs = others.map((variable) => variable.driver)
  const base = random.choice([linear, linear, additive, smooth])
  const groupWeight = random.uniform(0.4, 2)
  const latents = Array.from({ length: request.latents }, () => {
    const out = base(inputs, random)
    groups.forEach(({ column, effect }, g) => {
      const isFresh = request.latents > 1
      const perLevel = random.fillNormal(new Float64Array(64))
      const hasSlope = random.bool(0.3)
      const input = random.choice(inputs)
      const weight = groupWeight / (g + 1)
      for (let i = 0; i < rows; i++) {
        const own = isFresh || hasSlope ? perLevel[column.values[i]!]! : effect[i]!
        out[i]! += weight * own * (hasSlope ? input[i]! : 1)
      }
    })
    return standardise(out)
  })
  const columns = [...groups.map((group) => group.column), ...others.map((variable) => variable.column)]
  return { columns: columns.slice(0, features), latents, labels: null }
}
