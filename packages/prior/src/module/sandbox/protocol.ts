/** Messages between a sandbox's process and the process that started it. */
import type { RandomState } from '@posterior/tabular/random'
import type { TimeLimits } from './limits.ts'

/** A module as its owner wrote it. */
export interface PriorModule {
  /** File name, for messages; `.ts` is TypeScript, `.js` and `.mjs` are JavaScript. */
  readonly file: string
  readonly code: string
}

/** One sample to draw. */
export interface DrawRequest {
  /** Values of the parameters, as JSON. */
  readonly parameters: string
  /** The generator that the module draws from. */
  readonly random: RandomState
}

/** One sample as it left the sandbox: shapes are checked against the numbers, the numbers are not looked at. */
export interface RawSample {
  readonly values: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>
  >
  /** The generator after the module's draws. */
  readonly random: RandomState
  /** What the module printed, the first lines of it. */
  readonly logs: readonly string[]
}

/** Why a module did not answer. */
export interface Failure {
  /** `rule`: it broke a rule of the contract. `thrown`: its code threw. `limit`: it used too much. */
  readonly kind: 'rule' | 'thrown' | 'limit' | 'syntax'
  readonly message: string
  /** In its source, from 1. */
  readonly line?: number
  readonly column?: number
  readonly logs: readonly string[]
}

export type ToSandbox =
  | { readonly type: 'load'; readonly module: PriorModule; readonly limits: TimeLimits }
  | { readonly type: 'draw'; readonly requests: readonly DrawRequest[] }

export type FromSandbox =
  | { readonly type: 'loaded'; readonly declaration: string }
  | { readonly type: 'drawn'; readonly sample: RawSample }
  /** `isLost`: the process ends, because its engine was stopped in the middle of something. */
  | { readonly type: 'failed'; readonly failure: Failure; readonly isLost: boolean }
  /** A fault of the sandbox itself. */
  | { readonly type: 'broken'; readonly message: string }
