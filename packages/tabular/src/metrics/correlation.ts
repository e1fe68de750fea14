/** Correlations of numeric predictions with the true values. Rows whose true value is NaN are left out. */

type Numbers = ArrayLike<number>

/** Pearson's product-moment correlation. @returns -1..1; NaN when either side does not vary */
export function pearson(truth: Numbers, prediction: Numbers): number {
  const [x, y] = present(truth, prediction)
  return correlation(x, y)
}

/** Spearman's (1904) rank correlation, ties with their mean rank. @returns -1..1; NaN when either side does not vary */
export function spearman(truth: Numbers, prediction: Numbers): number {
  const [x, y] = present(truth, prediction)
  return correlation(ranks(x), ranks(y))
}

function correlation(x: Float64Array, y: Float64Array): number {
  const rows = x.length
  let meanX = 0
  let meanY = 0
  for (let i = 0; i < rows; i++) {
    meanX += x[i]! / rows
    meanY += y[i]! / rows
  }
  let products = 0
  let squaresX = 0
  let squaresY = 0
  for (let i = 0; i < rows; i++) {
    const dx = x[i]! - meanX
    const dy = y[i]! - meanY
    products += dx * dy
    squaresX += dx * dx
    squaresY += dy * dy
  }
  // Asked of the values: rounding leaves a tiny sum of squares for equal ones.
  if (!varies(x) || !varies(y)) return Number.NaN
  return Math.max(-1, Math.min(1, products / (Math.sqrt(squaresX) * Math.sqrt(squaresY))))
}

function varies(values: Float64Array): boolean {
  return values.some((value) => value !== values[0])
}

/** Mid-ranks, from 1. */
function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  const out = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let i = start; i < end; i++) out[order[i]!] = (start + 1 + end) / 2
    start = end
  }
  return out
}

function present(truth: Numbers, prediction: Numbers): [Float64Array, Float64Array] {
  if (truth.length !== prediction.length) {
    throw new RangeError(`${truth.length} true values need as many predictions, got ${prediction.length}`)
  }
  const x: number[] = []
  const y: number[] = []
  for (let row = 0; row < truth.length; row++) {
    if (Number.isNaN(truth[row]!)) continue
    x.push(truth[row]!)
    y.push(prediction[row]!)
  }
  return [Float64Array.from(x), Float64Array.from(y)]
}
