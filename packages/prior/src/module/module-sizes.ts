/** What a model that is trained on a module is later sent, and in which sizes. */

import { rangeOf } from '../catalogue/parameters.ts'
import { type PriorInputs, type PriorSizes, sizesOf } from '../catalogue/prior-inputs.ts'
import type { Interval, Overrides, ParameterValue } from '../catalogue/studio-prior.ts'
import { requireTrainableModule } from './module-batch.ts'
import type { DeclaredModule } from './module-prior.ts'
import { parseSize } from './shape-expression.ts'

/**
 * Least and most sizes of the tasks of a module.
 *
 * @throws PriorError when it cannot be trained on with these overrides
 */
export function moduleSizes(module: DeclaredModule, overrides: Overrides): PriorSizes {
  return sizesOf(requireTrainableModule(module, overrides), overrides, inputsOf(module, overrides))
}

function inputsOf(module: DeclaredModule, overrides: Overrides): PriorInputs {
  const { inputs, lags, season, groups } = module.declaration
  const range = (text: string): Interval => {
    const expression = parseSize(text)!
    const prior = { id: module.id, parameters: module.declaration.parameters }
    const [least, most] = ([0, 1] as const).map((end) => {
      const values = expression.names.map((name): [string, ParameterValue] => [
        name,
        rangeOf(prior, overrides, name)[end],
      ])
      return expression.valueOf(Object.fromEntries(values))
    })
    return [least!, most!]
  }
  if (inputs === 'series') return { kind: 'series', lags: range(lags), season: range(season) }
  return inputs === 'groups' ? { kind: 'groups', groups: range(groups) } : { kind: 'rows' }
}
