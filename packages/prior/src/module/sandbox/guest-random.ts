/**
 * Random numbers and matrices for a module, inside the sandbox's engine. As with `guest-library.ts`, this file is not
 * imported: its text, without types, runs in the engine before that one does. The numbers come from the host, whose
 * generator is the one that the catalogue's priors draw from.
 */

interface GuestHost {
  uniform(): number
  normal(): number
  logUniform(low: number, high: number): number
  gamma(shape: number): number
  uniforms(count: number): ArrayBuffer
  normals(count: number): ArrayBuffer
  permutation(count: number): ArrayBuffer
  /** Undefined when the matrix is not positive definite. */
  cholesky(matrix: ArrayBuffer, size: number): ArrayBuffer | undefined
  squaredExponential(points: ArrayBuffer, width: number, lengthScale: number, variance: number): ArrayBuffer
  /** The lower triangular factor times the vector. */
  lowerProduct(factor: ArrayBuffer, vector: ArrayBuffer): ArrayBuffer
}

const MOST_NUMBERS = 1_000_000
const MOST_MATRIX_ROWS = 1_000

const engine = globalThis as unknown as Record<string, unknown>
const host = engine['posteriorHost'] as GuestHost
const { isInteger } = Number
const { freeze } = Object
const { exp, floor, log, sqrt } = Math
const Floats = Float64Array
const Integers = Int32Array
const { apply } = Reflect
const { set: setFloats } = Floats.prototype

function fail(message: string): never {
  throw new RangeError(message)
}

function requireCount(count: number, what: string): number {
  if (isInteger(count) && count >= 0 && count <= MOST_NUMBERS) return count
  fail(`${what} needs a whole number from 0 to ${MOST_NUMBERS}, got ${String(count)}`)
}

/** The stream of random numbers of one sample; the same numbers as `Random` of the host draws. */
class GuestRandom {
  uniform(low = 0, high = 1): number {
    return low + (high - low) * host.uniform()
  }

  normal(mean = 0, deviation = 1): number {
    return mean + deviation * host.normal()
  }

  int(low: number, high: number): number {
    if (!(high > low)) fail(`random.int(low, high) needs low < high, got ${low} and ${high}`)
    return low + floor(host.uniform() * (high - low))
  }

  bool(probability = 0.5): boolean {
    return host.uniform() < probability
  }

  logUniform(low: number, high: number): number {
    if (!(low > 0 && high > 0)) fail(`random.logUniform needs positive ends, got ${low} and ${high}`)
    return host.logUniform(low, high)
  }

  exponential(rate = 1): number {
    if (!(rate > 0)) fail(`random.exponential needs a positive rate, got ${rate}`)
    return -log(1 - host.uniform()) / rate
  }

  gamma(shape: number, scale = 1): number {
    if (!(shape > 0 && shape < 1e300)) fail(`random.gamma needs a positive shape, got ${shape}`)
    return scale * host.gamma(shape)
  }

  beta(a: number, b: number): number {
    const x = this.gamma(a)
    const y = this.gamma(b)
    if (x + y === 0) return this.bool(a / (a + b)) ? 1 : 0
    return x / (x + y)
  }

  dirichlet(concentrations: ArrayLike<number>): Float64Array {
    const shares = new Floats(concentrations.length)
    let sum = 0
    for (let i = 0; i < shares.length; i++) sum += shares[i] = this.gamma(concentrations[i] as number)
    for (let i = 0; i < shares.length; i++) shares[i] = (shares[i] as number) / sum
    return shares
  }

  studentT(freedom: number): number {
    return host.normal() / sqrt((2 * this.gamma(freedom / 2)) / freedom)
  }

  cauchy(): number {
    return host.normal() / host.normal()
  }

  choice<T>(items: ArrayLike<T>): T {
    return items[this.int(0, items.length)] as T
  }

  /** An index, with a probability in proportion to its weight. */
  categorical(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) total += weights[i] as number
    if (!(total > 0)) fail('random.categorical needs weights with a positive sum')
    let left = host.uniform() * total
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i] as number
      if (left < 0) return i
    }
    return weights.length - 1
  }

  permutation(count: number): Int32Array {
    return new Integers(host.permutation(requireCount(count, 'random.permutation')))
  }

  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(0, i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }

  uniforms(count: number, low = 0, high = 1): Float64Array {
    const values = new Floats(host.uniforms(requireCount(count, 'random.uniforms')))
    if (low === 0 && high === 1) return values
    for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * (values[i] as number)
    return values
  }

  normals(count: number, mean = 0, deviation = 1): Float64Array {
    const values = new Floats(host.normals(requireCount(count, 'random.normals')))
    if (mean === 0 && deviation === 1) return values
    for (let i = 0; i < values.length; i++) values[i] = mean + deviation * (values[i] as number)
    return values
  }

  multivariateNormal(mean: ArrayLike<number>, covariance: Matrix): Float64Array {
    const size = mean.length
    const factor = cholesky(covariance, size)
    const normals = host.normals(requireCount(size, 'random.multivariateNormal'))
    const values = new Floats(host.lowerProduct(factor.buffer as ArrayBuffer, normals))
    for (let i = 0; i < size; i++) values[i] = (values[i] as number) + (mean[i] as number)
    return values
  }
}

type Matrix = ArrayLike<number> | ArrayLike<ArrayLike<number>>

/** Row-major, and without holes: reading stops the engine if the matrix is no matrix. */
function flatten(matrix: Matrix, width: number, what: string): Float64Array {
  const isFlat = typeof matrix[0] === 'number'
  const rows = isFlat ? matrix.length / width : matrix.length
  if (!isInteger(rows) || rows * width > MOST_NUMBERS)
    fail(`${what}: expected rows of ${width} numbers, got ${matrix.length} values`)
  const flat = new Floats(rows * width)
  if (isFlat) {
    apply(setFloats, flat, [matrix])
    return flat
  }
  for (let i = 0; i < rows; i++) {
    const row = matrix[i] as ArrayLike<number>
    if (row?.length !== width) fail(`${what}: row ${i} has ${row?.length} numbers, expected ${width}`)
    apply(setFloats, flat, [row, i * width])
  }
  return flat
}

function cholesky(matrix: Matrix, size = matrixSize(matrix)): Float64Array {
  if (!isInteger(size) || size < 1 || size > MOST_MATRIX_ROWS)
    fail(`linalg.cholesky takes a square matrix of 1 to ${MOST_MATRIX_ROWS} rows, got ${size}`)
  const flat = flatten(matrix, size, 'linalg.cholesky')
  if (flat.length !== size * size) fail(`linalg.cholesky: expected ${size} rows, got ${flat.length / size}`)
  const factor = host.cholesky(flat.buffer as ArrayBuffer, size)
  if (factor === undefined)
    fail('linalg.cholesky: the matrix is not positive definite; add a little to its diagonal')
  return new Floats(factor)
}

function matrixSize(matrix: Matrix): number {
  return typeof matrix[0] === 'number' ? sqrt(matrix.length) : matrix.length
}

interface KernelOptions {
  lengthScale?: number
  variance?: number
  jitter?: number
}

/** variance x exp(-|a - b|^2 / (2 lengthScale^2)) between all points, row-major, with `jitter` on the diagonal. */
function squaredExponential(points: Matrix, options: KernelOptions = {}): Float64Array {
  const { lengthScale = 1, variance = 1, jitter = 1e-6 } = options
  if (!(lengthScale > 0)) fail(`linalg.squaredExponential needs a positive lengthScale, got ${lengthScale}`)
  const width = typeof points[0] === 'number' ? 1 : (points[0] as ArrayLike<number>).length
  const flat = flatten(points, width, 'linalg.squaredExponential')
  const size = flat.length / width
  if (size > MOST_MATRIX_ROWS)
    fail(`linalg.squaredExponential takes at most ${MOST_MATRIX_ROWS} points, got ${size}`)
  const kernel = new Floats(host.squaredExponential(flat.buffer as ArrayBuffer, width, lengthScale, variance))
  for (let i = 0; i < size; i++) kernel[i * size + i] = (kernel[i * size + i] as number) + jitter
  return kernel
}

engine['linalg'] = freeze({ cholesky, squaredExponential })
engine['sigmoid'] = (x: number) => 1 / (1 + exp(-x))
engine['posteriorRandom'] = GuestRandom
