/** Quantiles of a standard normal at (k + 0.5) / count. */
export function normalQuantiles(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, k) => normalQuantile((k + 0.5) / count))
}

/** Standard normal quantile by bisection of the error function's series: exact to 1e-9, for tables of a few hundred. */
function normalQuantile(level: number): number {
  let low = -8
  let high = 8
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < level) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Marsaglia's series for the normal distribution function (2004); converges for |x| <= 8. */
function normalCdf(x: number): number {
  let term = x
  let sum = x
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && i < 400; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.9189385332046727)
}
