/** Shift and scale in place to mean 0 and variance 1, limited to ±8; a constant array becomes zeros. */
export function standardise(values: Float64Array): Float64Array {
  const count = values.length
  let sum = 0
  for (let i = 0; i < count; i++) sum += values[i]!
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2
  const sd = Math.sqrt(squares / count)
  if (!(sd > 1e-12 * (1 + Math.abs(mean))) || !Number.isFinite(sd)) return values.fill(0)
  for (let i = 0; i < count; i++) values[i] = Math.max(-8, Math.min(8, (values[i]! - mean) / sd))
  return values
}
