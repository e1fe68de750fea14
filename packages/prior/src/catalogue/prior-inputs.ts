/** What a model that is trained on a prior is later sent, and in which sizes. */
import { requireTrainable } from './catalogue-batch.ts'
import { layoutAt, rangeOf } from './parameters.ts'
import type { Interval, Overrides, PriorDeclaration, StudioPrior } from './studio-prior.ts'

/** Sizes that tasks of a prior have. */
export interface PriorSizes {
  readonly task: 'classification' | 'regression' | 'discovery'
  /** Labelled rows, least and most; for discovery all rows. */
  readonly rows: Interval
  /** After packing. */
  readonly columns: Interval
  /** Both 0 for regression. */
  readonly classes: Interval
  readonly inputs: PriorInputs
}

/** How what callers send becomes rows; as a manifest states it. */
export type PriorInputs =
  | { readonly kind: 'rows' | 'flips' | 'table' }
  | { readonly kind: 'series'; readonly lags: Interval; readonly season: Interval }
  | { readonly kind: 'groups'; readonly groups: Interval }
  | { readonly kind: 'calendar'; readonly season: Interval }

/** A task's rows that can be labelled, at most. */
const MOST_LABELLED = 0.9

/**
 * Least and most sizes of the tasks of a prior, from the ends of the ranges of its shape parameters.
 *
 * @throws PriorError when the prior cannot be trained on with these overrides
 */
export function priorSizes(id: string, overrides: Overrides): PriorSizes {
  const prior = requireTrainable(id, overrides)
  return sizesOf(prior, overrides, inputsOf(prior, overrides))
}

/** The same for a prior that `checkTrainable` has passed. */
export function sizesOf(prior: PriorDeclaration, overrides: Overrides, inputs: PriorInputs): PriorSizes {
  const [least, most] = [layoutAt(prior, overrides, 'least'), layoutAt(prior, overrides, 'most')]
  const columns: Interval = [least.features, most.features]
  if (!prior.pack) {
    const rows: Interval = [least.rows, most.rows]
    return { task: 'discovery', rows, columns, classes: [0, 0], inputs: { kind: 'table' } }
  }
  return {
    task: most.classes > 0 ? 'classification' : 'regression',
    rows: [least.leastContext, Math.floor(MOST_LABELLED * most.rows)],
    columns,
    classes: [least.classes, most.classes],
    inputs,
  }
}

function inputsOf(prior: StudioPrior, overrides: Overrides): PriorInputs {
  if (prior.inputs === 'series') {
    const [lags, season] = [rangeOf(prior, overrides, 'num_lags'), rangeOf(prior, overrides, 'season')]
    return { kind: 'series', lags, season }
  }
  if (prior.inputs === 'groups') return { kind: 'groups', groups: rangeOf(prior, overrides, 'num_groups') }
  if (prior.inputs === 'calendar') return { kind: 'calendar', season: rangeOf(prior, overrides, 'season') }
  return { kind: prior.inputs === 'flips' ? 'flips' : 'rows' }
}
