/** The catalogue: thirteen priors restated from their mathematics, then our own for tables and forecasts. */

import { PriorError } from './prior-error.ts'
import { chainScm, linearScm } from './priors/causal.ts'
import { gaussianMixture, logisticInteractions, twoMoons } from './priors/classification.ts'
import { calendarForecast } from './priors/forecast.ts'
import { coinFlip, hierarchicalNormal } from './priors/probabilistic.ts'
import { gpRegression, linearRegression, polynomialRegression } from './priors/regression.ts'
import { ar2Process, seasonalTrend, sineWave } from './priors/series.ts'
import { tabularClassification, tabularRegression } from './priors/tabular.ts'
import type { StudioPrior } from './studio-prior.ts'

export const CATALOGUE: readonly StudioPrior[] = [
  linearRegression,
  polynomialRegression,
  gpRegression,
  twoMoons,
  gaussianMixture,
  logisticInteractions,
  sineWave,
  ar2Process,
  seasonalTrend,
  coinFlip,
  hierarchicalNormal,
  linearScm,
  chainScm,
  tabularRegression,
  tabularClassification,
  calendarForecast,
]

/** The prior of this id or slug; `-` and `_` count as the same. Undefined when there is none. */
export function findPrior(idOrSlug: string): StudioPrior | undefined {
  const wanted = idOrSlug.replaceAll('-', '_')
  return CATALOGUE.find(({ id, slug }) => id === wanted || slug.replaceAll('-', '_') === wanted)
}

/** @throws PriorError that lists the catalogue when there is none of this id or slug */
export function requirePrior(idOrSlug: string): StudioPrior {
  const prior = findPrior(idOrSlug)
  if (prior) return prior
  const known = CATALOGUE.map(({ slug }) => slug).join(', ')
  throw new PriorError(`There is no prior "${idOrSlug}" in the catalogue; it has ${known}.`)
}
