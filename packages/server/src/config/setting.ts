/** What a setting is, and the kinds that there are several of. */
import { z } from 'zod'

/** One setting. */
export interface Setting<S extends z.ZodType> {
  env: string
  schema: S
  /** What the reference page shows as the default. */
  shown: string
  unit: string
  meaning: string
  isSecret?: boolean
}

/** Largest count that a setting may have. */
export const MAX_COUNT = 1_000_000_000_000

/** A whole number in a range, written as decimal digits. */
export function integer(
  env: string,
  range: [number, number],
  fallback: number,
  unit: string,
  meaning: string,
) {
  const [lowest, highest] = range
  const expected = `expected a whole number from ${lowest} to ${highest}`
  const schema = z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .pipe(z.number().min(lowest, expected).max(highest, expected))
    .default(fallback)
  return { env, schema, shown: String(fallback), unit, meaning }
}
