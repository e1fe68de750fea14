/** Mean and population standard deviation of the finite values; 0 and 0 when there are none. Both may overflow. */
export function finiteMoments(values: Float64Array): { mean: number; spread: number } {
  let count = 0
  let sum = 0
  for (const x of values) {
    if (!Number.isFinite(x)) continue
    sum += x
    count++
  }
  const mean = count > 0 ? sum / count : 0
  let squares = 0
  for (const x of values) if (Number.isFinite(x)) squares += (x - mean) ** 2
  return { mean, spread: Math.sqrt(squares / Math.max(1, count)) }
}
