/** What the sandbox's engine may ask of the host: random numbers and linear algebra. Numbers in, numbers out. */

import type { Random } from '@posterior/tabular/random'
import type { JSValueHandle, QuickJS } from 'quickjs-wasi'
import { choleskyFactor } from '../../linear-algebra/cholesky.ts'

/** Rows of a matrix, and numbers of an array. The library inside says the same in words before it comes to these. */
const MOST_ROWS = 1_000
const MOST_NUMBERS = 1_000_000

/** The functions' view of the sandbox; it changes from sample to sample. */
export interface HostState {
  readonly vm: QuickJS
  readonly random: Random
  log(line: string): void
}

type HostFunction = (
  state: HostState,
  ...args: JSValueHandle[]
) => number | Float64Array | Int32Array | undefined

/** By the names that the library knows them by. */
export const HOST_FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  uniform: ({ random }) => random.uniform(),
  normal: ({ random }) => random.normal(),
  logUniform: ({ random }, low, high) => random.logUniform(low!.toNumber(), high!.toNumber()),
  gamma: ({ random }, shape) => random.gamma(positive(shape!)),
  uniforms: ({ random }, count) =>
    new Float64Array(bounded(count!, MOST_NUMBERS)).map(() => random.uniform()),
  normals: ({ random }, count) => random.fillNormal(new Float64Array(bounded(count!, MOST_NUMBERS))),
  permutation: ({ random }, count) => random.permutation(bounded(count!, MOST_NUMBERS)),
  cholesky(_, matrix, rows) {
    const size = bounded(rows!, MOST_ROWS)
    const values = floats(matrix!, size * size)
    try {
      return choleskyFactor(values, size)
    } catch {
      return undefined
    }
  },
  squaredExponential(_, points, columns, lengthScale, variance) {
    const width = bounded(columns!, MOST_NUMBERS)
    const scale = { lengthScale: lengthScale!.toNumber(), variance: variance!.toNumber() }
    return squaredExponential(floats(points!), width, scale)
  },
  lowerProduct: (_, factor, vector) => lowerProduct(floats(factor!), floats(vector!)),
  log(state, line) {
    state.log(line!.toString())
    return undefined
  },
}

/** What a function gave, as a value of the engine. */
export function toGuest(vm: QuickJS, result: ReturnType<HostFunction>): JSValueHandle {
  if (result === undefined) return vm.undefined
  if (typeof result === 'number') return vm.newNumber(result)
  return vm.newArrayBuffer(new Uint8Array(result.buffer, result.byteOffset, result.byteLength))
}

function squaredExponential(
  points: Float64Array,
  width: number,
  { lengthScale, variance }: { lengthScale: number; variance: number },
): Float64Array {
  const size = points.length / width
  if (!(size <= MOST_ROWS)) throw broken()
  const kernel = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let distance = 0
      for (let k = 0; k < width; k++) distance += (points[i * width + k]! - points[j * width + k]!) ** 2
      const value = variance * Math.exp(-distance / (2 * lengthScale * lengthScale))
      kernel[i * size + j] = value
      kernel[j * size + i] = value
    }
  }
  return kernel
}

function lowerProduct(factor: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  if (size > MOST_ROWS || factor.length !== size * size) throw broken()
  return vector.map((_, i) => {
    let sum = 0
    for (let j = 0; j <= i; j++) sum += factor[i * size + j]! * vector[j]!
    return sum
  })
}

function positive(handle: JSValueHandle): number {
  const value = handle.toNumber()
  // An infinite shape would have no end.
  if (!(value > 0 && value < 1e300)) throw broken()
  return value
}

function bounded(handle: JSValueHandle, most: number): number {
  const value = handle.toNumber()
  if (!Number.isInteger(value) || value < 0 || value > most) throw broken()
  return value
}

function floats(handle: JSValueHandle, expected?: number): Float64Array {
  const values = new Float64Array(handle.toArrayBuffer())
  if (values.length > MOST_NUMBERS || (expected !== undefined && values.length !== expected)) throw broken()
  return values
}

/** The library checks before it asks, so this is a library that was tampered with. Without a stack: it would be seen inside. */
function broken(): Error {
  const error = new Error('the library of the sandbox was changed')
  error.stack = ''
  return error
}
