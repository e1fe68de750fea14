/** The middle value; the mean of the two middle ones for an even count. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Expected at least one value.')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The value that 99 % of the values do not exceed. @throws RangeError for no values */
export function percentile99(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Expected at least one value.')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(0.99 * sorted.length) - 1]!
}

/**
 * Median wall time of `work` in milliseconds, after one run that is not counted.
 *
 * @param repeats counted runs, at least 1
 */
export async function medianMs(repeats: number, work: () => Promise<unknown>): Promise<number> {
  return (await medianMsInTurns(repeats, [work]))[0]!
}

/** Median wall time of each of several works in milliseconds; they take turns, so that they meet the same load. */
export async function medianMsInTurns(
  repeats: number,
  works: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  return (await timesInTurns(repeats, works)).map(median)
}

/** All wall times of each of several works in milliseconds, after one run of each that is not counted. */
export async function timesInTurns(
  repeats: number,
  works: readonly (() => Promise<unknown>)[],
): Promise<number[][]> {
  for (const work of works) await work()
  const times: number[][] = works.map(() => [])
  for (let i = 0; i < repeats; i++) {
    for (const [k, work] of works.entries()) {
      const start = performance.now()
      await work()
      times[k]!.push(performance.now() - start)
    }
  }
  return times
}
