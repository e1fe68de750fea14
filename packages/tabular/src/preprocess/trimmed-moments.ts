/** Values further than this many standard deviations from the mean do not count towards mean and spread. */
const TRIM_DEVIATIONS = 4
const MAX_PASSES = 16

/**
 * Mean and population standard deviation of sorted values after leaving out outliers: those beyond 4 standard
 * deviations, again and again until none is left out. A pass that would leave no spread (99 zeros and a one) is not
 * made. Values at ±Number.MAX_VALUE stand for ±Infinity and never count.
 *
 * @param sorted increasing, finite, without NaN; may be empty
 * @returns spread 0 when the values are all one, and mean 0 when there are none
 */
export function trimmedMoments(sorted: Float64Array): { mean: number; spread: number } {
  let start = 0
  let end = sorted.length
  while (start < end && sorted[start] === -Number.MAX_VALUE) start++
  while (end > start && sorted[end - 1] === Number.MAX_VALUE) end--
  if (start === end) return { mean: 0, spread: 0 }

  let best = moments(sorted, start, end)
  for (let pass = 0; pass < MAX_PASSES && best.spread > 0; pass++) {
    const low = best.mean - TRIM_DEVIATIONS * best.spread
    const high = best.mean + TRIM_DEVIATIONS * best.spread
    let nextStart = start
    let nextEnd = end
    while (sorted[nextStart]! < low) nextStart++
    while (sorted[nextEnd - 1]! > high) nextEnd--
    if (nextStart === start && nextEnd === end) break
    const next = moments(sorted, nextStart, nextEnd)
    if (next.spread === 0) break
    start = nextStart
    end = nextEnd
    best = next
  }
  return best
}

/**
 * Mean and population standard deviation of all of these sorted, finite values; spread 0 when all are one.
 */
export function plainMoments(sorted: Float64Array): { mean: number; spread: number } {
  return sorted.length === 0 ? { mean: 0, spread: 0 } : moments(sorted, 0, sorted.length)
}

/** Moments of sorted[start, end), measured in units of their range so that squares neither overflow nor vanish. */
function moments(sorted: Float64Array, start: number, end: number): { mean: number; spread: number } {
  const count = end - start
  const origin = sorted[(start + end) >>> 1]!
  const reach = Math.max(origin - sorted[start]!, sorted[end - 1]! - origin)
  if (reach === 0) return { mean: origin, spread: 0 }
  if (reach > Number.MAX_VALUE / 4) return halvedMoments(sorted, start, end)
  let sum = 0
  let squares = 0
  for (let i = start; i < end; i++) {
    const d = (sorted[i]! - origin) / reach
    sum += d
    squares += d * d
  }
  const mean = sum / count
  const variance = squares / count - mean * mean
  return { mean: origin + mean * reach, spread: variance > 0 ? Math.sqrt(variance) * reach : 0 }
}

/** For values that span nearly all of the number range: work on eighths, then scale back within the range. */
function halvedMoments(sorted: Float64Array, start: number, end: number): { mean: number; spread: number } {
  const small = sorted.slice(start, end).map((x) => x / 8)
  const { mean, spread } = moments(small, 0, small.length)
  return { mean: mean * 8, spread: Math.min(spread * 8, Number.MAX_VALUE) }
}
