/** Length of the season of a series, from its autocorrelation. */

/** Longest season looked for. */
const MOST = 400
/**
 * The autocorrelation that is taken for a season. In noise it has a standard deviation of one over the root of the pairs,
 * and the largest of the hundred or so that are looked at is seldom beyond three and a half of them.
 */
const LEAST_CORRELATION = 0.3
const NOISE_DEVIATIONS = 3.5
/** A shorter season is taken before a longer one whose autocorrelation is higher by less than this share. */
const NEARLY = 0.9

/**
 * Find the season of a series.
 *
 * @param series  in even steps; NaN = missing
 * @returns steps of one season, at least 2 and at most a third of the series; null when none shows
 */
export function detectSeason(series: Float64Array): number | null {
  const rest = withoutTrend(series)
  const longest = Math.min(MOST, Math.floor(series.length / 3))
  if (longest < 2) return null
  const correlation = (lag: number) => autocorrelation(rest, lag)
  const threshold = (lag: number) =>
    Math.max(LEAST_CORRELATION, NOISE_DEVIATIONS / Math.sqrt(series.length - lag))
  const peaks: { lag: number; value: number }[] = []
  let before = correlation(1)
  let here = correlation(2)
  for (let lag = 2; lag <= longest; lag++) {
    const after = correlation(lag + 1)
    if (here > threshold(lag) && here > before && here >= after) peaks.push({ lag, value: here })
    before = here
    here = after
  }
  const best = Math.max(...peaks.map(({ value }) => value))
  return peaks.find(({ value }) => value >= NEARLY * best)?.lag ?? null
}

/** The series less its least-squares line. */
function withoutTrend(series: Float64Array): Float64Array {
  let [count, sumT, sumY] = [0, 0, 0]
  for (const [t, y] of series.entries()) {
    if (Number.isNaN(y)) continue
    count++
    sumT += t
    sumY += y
  }
  const [meanT, meanY] = [sumT / count, sumY / count]
  let [cross, square] = [0, 0]
  for (const [t, y] of series.entries()) {
    if (Number.isNaN(y)) continue
    cross += (t - meanT) * (y - meanY)
    square += (t - meanT) ** 2
  }
  const slope = square > 0 ? cross / square : 0
  return series.map((y, t) => y - meanY - slope * (t - meanT))
}

/** Correlation of the pairs that are both there; 0 when there is no spread. */
function autocorrelation(rest: Float64Array, lag: number): number {
  let [cross, early, late] = [0, 0, 0]
  for (let t = lag; t < rest.length; t++) {
    const [a, b] = [rest[t - lag]!, rest[t]!]
    if (Number.isNaN(a) || Number.isNaN(b)) continue
    cross += a * b
    early += a * a
    late += b * b
  }
  const size = Math.sqrt(early * late)
  return size > 0 ? cross / size : 0
}
