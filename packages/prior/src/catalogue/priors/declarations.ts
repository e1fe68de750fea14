/** Declarations that several priors share. */

import type { OutputSpec } from '../studio-prior.ts'

/** @param range what tasks are drawn from */
export function noiseScale<const D extends number, const R extends readonly [number, number]>(
  fallback: D,
  range: R,
) {
  return {
    type: 'float',
    range,
    limits: [0, 1e6],
    default: fallback,
    description: 'Standard deviation of the noise.',
  } as const
}

/** Rows of a task. */
export function rowCount<const D extends number, const R extends readonly [number, number]>(
  fallback: D,
  range: R,
  most = 10_000,
) {
  return {
    type: 'int',
    range,
    limits: [16, most],
    default: fallback,
    description: 'Rows of a task, labelled and query rows together.',
    isShape: true,
  } as const
}

export function output(
  name: string,
  type: OutputSpec['type'],
  shape: string,
  description: string,
): OutputSpec {
  return { name, type, shape, description }
}

/** Parameters of the series layout; part of the packing, so the rule does not read them. */
export function seriesParameters<const L extends number>(lags: L) {
  return {
    num_lags: {
      type: 'int',
      limits: [1, 64],
      default: lags,
      description: 'Values before a row that the row holds.',
      isShape: true,
    },
    season: {
      type: 'float',
      limits: [2, 10_000],
      default: 12,
      description: 'Rows of one season, for the phase columns.',
      isShape: true,
    },
  } as const
}
