/** The phase of a season as numbers. */

/** Digits that are kept: sines of 0 and of pi are the same 0, which ranks would otherwise tell apart. */
const PRECISION = 1e12

/**
 * Sine and cosine of `waves` full turns per season at `step`.
 *
 * @param season steps of one season, above 0
 */
export function seasonWave(step: number, season: number, waves = 1): { sin: number; cos: number } {
  const angle = (2 * Math.PI * waves * (step % season)) / season
  const rounded = (value: number) => Math.round(value * PRECISION) / PRECISION + 0
  return { sin: rounded(Math.sin(angle)), cos: rounded(Math.cos(angle)) }
}
