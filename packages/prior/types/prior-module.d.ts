/**
 * What a prior module of Posterior finds in its sandbox. Put this file beside your prior.ts, and your editor knows
 * `definePrior`, `random` and `linalg`. There is nothing else of a machine in reach: no imports, files, network, clock.
 */

/** Samples are functions of their seed: the same numbers at any time, on any machine. */
interface PriorRandom {
  /** From low (included) to high (not included); 0 to 1 by default. */
  uniform(low?: number, high?: number): number
  normal(mean?: number, deviation?: number): number
  /** A whole number from low (included) to high (not included). */
  int(low: number, high: number): number
  bool(probability?: number): boolean
  logUniform(low: number, high: number): number
  exponential(rate?: number): number
  gamma(shape: number, scale?: number): number
  beta(a: number, b: number): number
  dirichlet(concentrations: ArrayLike<number>): Float64Array
  studentT(freedom: number): number
  cauchy(): number
  choice<T>(items: ArrayLike<T>): T
  /** An index, with a probability in proportion to its weight. */
  categorical(weights: ArrayLike<number>): number
  /** 0 to count - 1 in random order. */
  permutation(count: number): Int32Array
  /** In place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T
  /** The same numbers as so many calls of uniform, and much faster. */
  uniforms(count: number, low?: number, high?: number): Float64Array
  /** The same numbers as so many calls of normal, and much faster. */
  normals(count: number, mean?: number, deviation?: number): Float64Array
  /** @param covariance rows, or row-major; at most 1,000 by 1,000 */
  multivariateNormal(mean: ArrayLike<number>, covariance: PriorMatrix): Float64Array
}

type PriorMatrix = ArrayLike<number> | ArrayLike<ArrayLike<number>>

/** true counts as 1, false as 0. */
type PriorNumbers =
  | number
  | boolean
  | ArrayLike<number | boolean>
  | ArrayLike<ArrayLike<number | boolean>>
  | ArrayLike<ArrayLike<ArrayLike<number | boolean>>>

/** A parameter with a `range` is drawn from it for every task, unless a run or a sample says otherwise. */
type PriorParameter =
  | {
      type: 'int' | 'float'
      range: readonly [number, number]
      default?: number
      limits?: readonly [number, number]
      description?: string
    }
  | { type: 'int' | 'float'; default: number; limits?: readonly [number, number]; description?: string }
  | {
      type: 'interval'
      default: readonly [number, number]
      limits?: readonly [number, number]
      description?: string
    }
  | { type: 'categorical'; choices: readonly string[]; default?: string; description?: string }
  | { type: 'bool'; default?: boolean; description?: string }

type PriorValue<P> = P extends { type: 'int' | 'float' }
  ? number
  : P extends { type: 'bool' }
    ? boolean
    : P extends { type: 'categorical' }
      ? string
      : readonly [number, number]

interface PriorOutput {
  name: string
  type?: 'scalar' | 'tensor' | 'graph' | 'matrix'
  /** By parameters and numbers, such as '(num_points, 2)' or '(groups * per_group)'. */
  shape?: string
  description?: string
}

interface PriorSample {
  /** One row per example. */
  X?: PriorNumbers
  /** A number per row, to predict. */
  y?: PriorNumbers
  /** A class per row, from 0. */
  labels?: PriorNumbers
  /** The graph behind X, as many rows and columns as X has columns: 1 where the row is a cause of the column. Acyclic. */
  A?: PriorNumbers
  /** Anything else that is worth looking at. */
  [name: string]: PriorNumbers | undefined
}

interface PriorDefinition<P extends Record<string, PriorParameter>> {
  name?: string
  description?: string
  kind?: 'tabular' | 'temporal' | 'scm' | 'temporal_causal' | 'graph' | 'custom'
  /** Default: by the outputs and the kind. */
  task?: 'regression' | 'classification' | 'forecast' | 'discovery'
  /** `groups`: the first column of X numbers a group, and its number means nothing else. */
  inputs?: 'rows' | 'series' | 'groups'
  parameters?: P
  outputs?: readonly PriorOutput[]
  /** Most classes: a number, a parameter, or a product of them. Default 2. */
  classes?: number | string
  /** Most groups, for inputs of groups. Default 16. */
  groups?: number | string
  /** Values before a row that the row holds, and rows of one season, for series. Defaults 8 and 12. */
  lags?: number | string
  season?: number | string
  /** Labelled rows, which are then the first ones. Default: drawn for each batch, from rows in random order. */
  n_ctx?: number | string
  /** Train on it although the columns seem to tell nothing of the target. */
  allowUnlearnable?: boolean
  sample(random: PriorRandom, parameters: { readonly [K in keyof P]: PriorValue<P[K]> }): PriorSample
}

declare function definePrior<const P extends Record<string, PriorParameter>>(
  prior: PriorDefinition<P>,
): PriorDefinition<P>

/** Up to 1,000 rows. */
declare const linalg: {
  /** The lower triangular factor, row-major. */
  cholesky(matrix: PriorMatrix, size?: number): Float64Array
  /** variance x exp(-|a - b|^2 / (2 lengthScale^2)) between all points, row-major; `jitter` (1e-6) on the diagonal. */
  squaredExponential(
    points: PriorMatrix,
    options?: { lengthScale?: number; variance?: number; jitter?: number },
  ): Float64Array
}

declare function sigmoid(x: number): number

/** The first 50 lines of a sample come with it. */
declare const console: Record<'log' | 'info' | 'warn' | 'error' | 'debug', (...values: unknown[]) => void>
