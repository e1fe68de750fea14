/** A prior of one kind of task: one of the catalogue, or a module of a user. */
import {
  checkTrainable,
  type DeclaredModule,
  moduleSizes,
  type PriorDeclaration,
  type PriorSizes,
  priorSizes,
  requirePrior,
  requireTrainableModule,
} from '@posterior/prior'
import type { PriorChoice } from './training-config.ts'

export type SinglePrior = Exclude<PriorChoice, { kind: 'general' }>

/** Undefined for the general prior, whose tables are of every kind. */
export function singlePrior(prior: PriorChoice | undefined): SinglePrior | undefined {
  return prior === undefined || prior.kind === 'general' ? undefined : prior
}

/** Everything but the rule that draws. @throws PriorError when it cannot be trained on with its overrides */
export function declarationOf(prior: SinglePrior): PriorDeclaration {
  return prior.kind === 'module'
    ? requireTrainableModule(prior.module, prior.overrides)
    : checkTrainable(requirePrior(prior.id), prior.overrides)
}

/** Sizes of its tasks, and what callers of a brain of it send. */
export function singleSizes(prior: SinglePrior): PriorSizes {
  return prior.kind === 'module'
    ? moduleSizes(prior.module, prior.overrides)
    : priorSizes(prior.id, prior.overrides)
}

/** What draws in a sandbox; undefined for what draws here. */
export function moduleOf(prior: PriorChoice | undefined): DeclaredModule | undefined {
  return prior?.kind === 'module' ? prior.module : undefined
}
