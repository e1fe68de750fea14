import { expect } from 'vitest'

/** Numbers, nested to any depth; typed arrays count as arrays. */
export type Numbers = number | ArrayLike<number> | readonly Numbers[]

/** Two values are close when |received - expected| ≤ atol + rtol · |expected|; NaN is close to NaN alone. */
export interface Tolerance {
  /** Absolute tolerance, default 1e-8. */
  atol?: number
  /** Relative tolerance, default 1e-5. */
  rtol?: number
}

declare module 'vitest' {
  // The type parameters repeat vitest's own, or the declarations do not merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Same shape, and every number close to the one expected. */
    toBeAllClose(expected: Numbers, tolerance?: Tolerance): T extends never ? never : R
  }
}

expect.extend({
  toBeAllClose(received: Numbers, expected: Numbers, { atol = 1e-8, rtol = 1e-5 }: Tolerance = {}) {
    const problem = firstDifference(received, expected, { atol, rtol }, '')
    return {
      pass: problem === undefined,
      message: () => problem ?? `Expected the numbers to differ by more than atol ${atol}, rtol ${rtol}.`,
    }
  },
})

function firstDifference(
  received: Numbers,
  expected: Numbers,
  tolerance: Required<Tolerance>,
  path: string,
): string | undefined {
  const place = path || 'the value'
  if (typeof received === 'number' && typeof expected === 'number') {
    if (Number.isNaN(received) && Number.isNaN(expected)) return undefined
    if (received === expected) return undefined
    const distance = Math.abs(received - expected)
    // Without the check, an infinite expectation would tolerate anything.
    if (Number.isFinite(distance) && distance <= tolerance.atol + tolerance.rtol * Math.abs(expected))
      return undefined
    return `Expected ${expected} at ${place}, got ${received}: they differ by ${distance}.`
  }
  if (typeof received === 'number' || typeof expected === 'number') {
    return `Expected ${describe(expected)} at ${place}, got ${describe(received)}.`
  }
  if (received.length !== expected.length) {
    return `Expected ${expected.length} entries at ${place}, got ${received.length}.`
  }
  for (let i = 0; i < expected.length; i++) {
    const problem = firstDifference(received[i]!, expected[i]!, tolerance, `${path}[${i}]`)
    if (problem) return problem
  }
  return undefined
}

function describe(value: Numbers): string {
  return typeof value === 'number' ? 'a number' : `${value.length} entries`
}
