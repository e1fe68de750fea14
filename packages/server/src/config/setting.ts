/** One setting, and how to write the usual kinds. */
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

export const text = (env: string, fallback: string, meaning: string) => ({
  env,
  schema: z.string().default(fallback),
  shown: fallback,
  unit: 'text',
  meaning,
})

export const optionalText = (env: string, shown: string, meaning: string) => ({
  env,
  schema: z.string().optional(),
  shown,
  unit: 'text',
  meaning,
})

const trueOrFalse = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((value) => value === 'true')

export const flag = (env: string, fallback: boolean, meaning: string) => ({
  env,
  schema: trueOrFalse.default(fallback),
  shown: String(fallback),
  unit: 'true or false',
  meaning,
})

/** A flag whose default follows from other settings. */
export const optionalFlag = (env: string, shown: string, meaning: string) => ({
  env,
  schema: trueOrFalse.optional(),
  shown,
  unit: 'true or false',
  meaning,
})

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

/** A limit of what one account may do; 0, the default, is none. */
export const limit = (env: string, unit: string, meaning: string) =>
  integer(env, [0, MAX_COUNT], 0, unit, `${meaning} 0 is no limit; the administrator has none.`)
