/**
 * What a prior of the studio is: declared parameters, a rule that draws one sample of its world, and a packing that makes
 * an in-context task of the sample. Parameters with a range are drawn anew for every task, so that what is trained on
 * them knows the whole range.
 */

import type { NumericColumn, Random } from '@posterior/tabular'

/** Dense numbers, row-major; a scalar has shape []. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export type Interval = readonly [number, number]

/** One declared parameter. */
export interface ParameterSpec {
  /** `interval`: a pair [low, high] that the rule draws from by itself. */
  readonly type: 'int' | 'float' | 'interval' | 'categorical' | 'bool'
  /** Drawn uniformly from here for every task (both ends included for `int`) unless overridden; without it, fixed. */
  readonly range?: Interval
  /** Least and most that an override may name. */
  readonly limits?: Interval
  /** `categorical` only. */
  readonly choices?: readonly string[]
  readonly default: number | boolean | string | Interval
  readonly description: string
  /** It decides rows, columns or classes, so all tasks of a batch share its value. */
  readonly isShape?: boolean
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>
export type ParameterValue = number | boolean | string | Interval
/** A value for every parameter of a prior. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>

/** What a caller may set: a value, or for numbers a narrower or wider range [low, high] to draw from. */
export type Overrides = Readonly<Record<string, ParameterValue>>

/** The values of declared parameters, by their types. */
export type ValuesOf<P extends ParameterSpecs> = {
  readonly [K in keyof P]: P[K]['type'] extends 'interval'
    ? Interval
    : P[K]['type'] extends 'bool'
      ? boolean
      : P[K]['type'] extends 'categorical'
        ? string
        : number
}

/** One array that a sample holds. */
export interface OutputSpec {
  readonly name: string
  readonly type: 'scalar' | 'tensor' | 'graph' | 'matrix'
  /** In words of the parameters, such as `(num_points, 1)`. */
  readonly shape: string
  readonly description: string
}

/** Sizes of the tasks that a prior makes with given shape parameters. */
export interface TaskLayout {
  /** Rows of a task, labelled and query rows together. */
  readonly rows: number
  /** Columns after packing. */
  readonly features: number
  /** Classes; 0 for regression and discovery. */
  readonly classes: number
  /** Fewest labelled rows that make a fair task. */
  readonly leastContext: number
  /** Labelled rows, where the prior fixes them; otherwise they are drawn for each batch. */
  readonly context?: number
}

/** A dataset to learn in context: labelled rows first, then the rows to predict. */
export interface InContextTask {
  readonly task: 'classification' | 'regression'
  readonly train: number
  readonly test: number
  /** As a caller would send them; the batch standardises them by the labelled rows. */
  readonly columns: NumericColumn[]
  /** Class 0..classes-1, or the target in the prior's own units. */
  readonly y: Float64Array
  readonly classes: number
}

export interface PackOptions<V = ParameterValues> {
  readonly train: number
  readonly test: number
  readonly parameters: V
  readonly random: Random
}

/** How rows of a caller become columns of the model: as they are, or by the packing of the same name. */
export type InputKind = 'rows' | 'series' | 'calendar' | 'groups' | 'flips' | 'table'

export interface StudioPrior {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly version: string
  readonly kind: 'tabular' | 'temporal'
  readonly category: 'regression' | 'classification' | 'time_series' | 'probabilistic' | 'causal'
  readonly description: string
  readonly task: 'regression' | 'classification' | 'forecast' | 'discovery'
  readonly inputs: InputKind
  readonly parameters: ParameterSpecs
  readonly outputs: readonly OutputSpec[]
  /** One draw of the prior's world, with these parameters. */
  sample(parameters: ParameterValues, random: Random): Record<string, Tensor>
  /** Sizes of a task. */
  layout(parameters: ParameterValues): TaskLayout
  /** The in-context task of a sample; null for discovery, whose answer is a graph rather than a row's target. */
  readonly pack: ((sample: Record<string, Tensor>, options: PackOptions) => InContextTask) | null
  /** Draws a task as one, for a prior whose rule needs to know which rows are labelled; then `pack` is not used. */
  readonly drawTask?: (options: PackOptions) => InContextTask
}

/** All of a prior but the rule itself: enough to plan its batches, and to pack what the rule gives. */
export type PriorDeclaration = Omit<StudioPrior, 'sample'>

interface Definition<P extends ParameterSpecs>
  extends Omit<StudioPrior, 'parameters' | 'sample' | 'layout' | 'pack' | 'drawTask'> {
  readonly parameters: P
  sample(parameters: ValuesOf<P>, random: Random): Record<string, Tensor>
  layout(parameters: ValuesOf<P>): TaskLayout
  readonly pack: ((sample: Record<string, Tensor>, options: PackOptions<ValuesOf<P>>) => InContextTask) | null
  readonly drawTask?: (options: PackOptions<ValuesOf<P>>) => InContextTask
}

/** A prior whose rule sees its parameters by name and type. Values are checked against the declaration before. */
export function definePrior<const P extends ParameterSpecs>(definition: Definition<P>): StudioPrior {
  return definition as unknown as StudioPrior
}

export function scalar(value: number): Tensor {
  return { shape: [], data: Float64Array.of(value) }
}

export function vector(data: Float64Array): Tensor {
  return { shape: [data.length], data }
}

/** @param data row-major, rows x columns */
export function matrix(data: Float64Array, columns: number): Tensor {
  return { shape: [data.length / columns, columns], data }
}

/** The array called `name`. @throws Error when the sample lacks it, which is a fault of the prior */
export function tensorOf(sample: Record<string, Tensor>, name: string): Tensor {
  const tensor = sample[name]
  if (!tensor) throw new Error(`the sample has no "${name}"`)
  return tensor
}
