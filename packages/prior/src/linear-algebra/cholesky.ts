/** Symmetric positive definite matrices, dense and row-major. */

/**
 * Lower triangular L with L Lᵀ = A; only the lower triangle of A is read. The upper triangle of L is 0.
 *
 * @throws RangeError when A is not positive definite
 */
export function choleskyFactor(a: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j]!
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum)
      else throw new RangeError(`the matrix is not positive definite at row ${i}`)
    }
  }
  return factor
}

/** v with L v = b. */
export function solveLower(factor: Float64Array, b: ArrayLike<number>): Float64Array {
  const n = b.length
  const v = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * v[k]!
    v[i] = sum / factor[i * n + i]!
  }
  return v
}

/** v with L Lᵀ v = b. */
export function solveCholesky(factor: Float64Array, b: ArrayLike<number>): Float64Array {
  const v = solveLower(factor, b)
  const n = v.length
  for (let i = n - 1; i >= 0; i--) {
    let sum = v[i]!
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * v[k]!
    v[i] = sum / factor[i * n + i]!
  }
  return v
}

/** ln det(L Lᵀ). */
export function logDeterminant(factor: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += Math.log(factor[i * n + i]!)
  return 2 * sum
}
