/** The fields of a block's configuration: what a composer shows, and what a given configuration is checked against. */

interface Common {
  readonly label: string
  /** One sentence for people. */
  readonly hint: string
}

export type Field =
  | (Common & {
      readonly kind: 'int' | 'float'
      /** null: it follows from the blocks before. */
      readonly default: number | null
      readonly min: number
      readonly max: number
      readonly step?: number
    })
  | (Common & { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] })
  | (Common & { readonly kind: 'boolean'; readonly default: boolean })

export type Fields = Readonly<Record<string, Field>>

export type FieldValue = number | string | boolean | null

/** The values of declared fields, by their kinds. */
export type ConfigOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends { readonly kind: 'int' | 'float'; readonly default: infer D }
    ? number | Extract<D, null>
    : F[K] extends { readonly kind: 'choice'; readonly choices: readonly (infer C)[] }
      ? C
      : boolean
}

/**
 * A value for every field: the given one, or the default.
 *
 * @throws RangeError that names the field, what it must be and what came
 */
export function readFields(
  fields: Fields,
  given: Readonly<Record<string, unknown>>,
): Record<string, FieldValue> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(fields, key)) continue
    const known = Object.keys(fields).join(', ') || 'none'
    throw new RangeError(`there is no field "${key}"; its fields are ${known}`)
  }
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      const value = given[key] ?? field.default
      if (!fits(field, value)) {
        throw new RangeError(`${key} must be ${expectation(field)}, it is ${JSON.stringify(value)}`)
      }
      return [key, value as FieldValue]
    }),
  )
}

function fits(field: Field, value: unknown): boolean {
  if (value === null) return field.default === null
  if (field.kind === 'boolean') return typeof value === 'boolean'
  if (field.kind === 'choice') return field.choices.includes(value as string)
  if (typeof value !== 'number' || !(value >= field.min && value <= field.max)) return false
  return field.kind === 'float' || Number.isInteger(value)
}

function expectation(field: Field): string {
  if (field.kind === 'boolean') return 'true or false'
  if (field.kind === 'choice') return `one of ${field.choices.join(', ')}`
  if (field.min === field.max) return String(field.min)
  return `a ${field.kind === 'int' ? 'whole number' : 'number'} from ${field.min} to ${field.max}`
}
