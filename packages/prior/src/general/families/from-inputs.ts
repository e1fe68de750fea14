/** Families of the form: draw input variables, apply one kind of random function to them, hide some. */

import type { Random } from '@posterior/tabular'
import type { Draft, DraftRequest, Family } from '../draft.ts'
import type { Mechanism } from '../mechanisms.ts'
import { drawVariables } from '../variables.ts'

/**
 * A family whose latents are `mechanism` of the same random inputs, drawn anew for each latent.
 *
 * @param choose picks the mechanism of one dataset
 */
export function familyFromInputs(choose: (request: DraftRequest, random: Random) => Mechanism): Family {
  return (request, random): Draft => {
    const { rows, features, easy } = request
    const shown = easy || random.bool(0.6) ? features : random.int(Math.ceil(features * 0.5), features + 1)
    const hidden = !easy && random.bool(0.3) ? random.int(1, 2 + Math.ceil(features / 4)) : 0
    const variables = drawVariables(rows, shown + hidden, random, easy && random.bool(0.8))
    const inputs = variables.map((variable) => variable.driver)
    const mechanism = choose(request, random)
    return {
      columns: variables.slice(0, shown).map((variable) => variable.column),
      latents: Array.from({ length: request.latents }, () => mechanism(inputs, random)),
      labels: null,
    }
  }
}
