/**
 * The categories of a column and how cells find their code. Codes follow the sorted order of the levels, never the
 * order of rows. A later table may hold the same categories under another kind (a file whose rows happen to be "1"
 * and "2" alone reads as numbers), so every kind of cell can be matched against every kind of level.
 */
import { compareCodePoints } from '../table/compare-text.ts'
import { isMissingMark, parseBoolean, parseDatetime, parseNumber } from '../table/parse-cell.ts'
import { type Column, columnLength, isMissing, MISSING_BOOLEAN } from '../table/table.ts'

/** A category: text, number (for datetimes milliseconds since 1970 UTC) or boolean. */
export type Level = string | number | boolean

/** Sorted levels of a column of that kind. Plain JSON: no infinite level is ever made. */
export interface Categories {
  of: Column['kind']
  levels: Level[]
}

/** Code of a missing cell. */
export const CODE_MISSING = -1
/** Code of a cell whose category the fit did not see. */
export const CODE_UNSEEN = -2

/** Texts are compared by this many leading characters, which bounds the saved state. */
const TEXT_KEY_LENGTH = 2_500

function textKey(text: string): string {
  return text.length > TEXT_KEY_LENGTH ? text.slice(0, TEXT_KEY_LENGTH) : text
}

/** The distinct values of a column: how many cells hold each, and how many hold none. */
export interface DistinctValues {
  /** Value → number of cells, in order of first appearance. */
  counts: Map<Level, number>
  missing: number
  /** True when counting stopped early because there are more than the limit. */
  exceeded: boolean
}

/**
 * Count the distinct values of a column, giving up once there are more than `limit`.
 */
export function distinctValues(column: Column, limit = Number.POSITIVE_INFINITY): DistinctValues {
  const counts = new Map<Level, number>()
  let missing = 0
  if (column.kind === 'string') {
    const perCode = new Uint32Array(column.levels.length)
    for (const code of column.codes) {
      if (code < 0) missing++
      else perCode[code]!++
    }
    for (let code = 0; code < perCode.length && counts.size <= limit; code++) {
      if (perCode[code]! === 0) continue
      const key = textKey(column.levels[code]!)
      counts.set(key, (counts.get(key) ?? 0) + perCode[code]!)
    }
    return { counts, missing, exceeded: counts.size > limit }
  }
  for (let row = 0; row < column.values.length; row++) {
    if (isMissing(column, row)) {
      missing++
      continue
    }
    // + 0 makes -0 and 0 one level.
    const value = column.kind === 'boolean' ? column.values[row] === 1 : column.values[row]! + 0
    counts.set(value, (counts.get(value) ?? 0) + 1)
    if (counts.size > limit) return { counts, missing, exceeded: true }
  }
  return { counts, missing, exceeded: false }
}

/** Sort levels of one kind: numbers by size, false before true, text by code point. */
export function sortLevels<L extends Level>(levels: Iterable<L>): L[] {
  return [...levels].sort((a, b) =>
    typeof a === 'string' && typeof b === 'string' ? compareCodePoints(a, b) : Number(a) - Number(b),
  )
}

/**
 * The code of every cell: 0..k-1 by the order of `categories.levels`, CODE_MISSING or CODE_UNSEEN.
 */
export function codesOf(categories: Categories, column: Column): Int32Array {
  const matcher = new LevelMatcher(categories)
  const codes = new Int32Array(columnLength(column))
  switch (column.kind) {
    case 'string': {
      const byLevel = column.levels.map((text) => matcher.text(text))
      for (let i = 0; i < codes.length; i++) {
        codes[i] = column.codes[i]! < 0 ? CODE_MISSING : byLevel[column.codes[i]!]!
      }
      break
    }
    case 'boolean': {
      const byValue = [matcher.boolean(false), matcher.boolean(true)]
      for (let i = 0; i < codes.length; i++) {
        codes[i] = column.values[i] === MISSING_BOOLEAN ? CODE_MISSING : byValue[column.values[i]!]!
      }
      break
    }
    default: {
      const isInstant = column.kind === 'datetime'
      for (let i = 0; i < codes.length; i++) {
        const value = column.values[i]!
        codes[i] = Number.isNaN(value)
          ? CODE_MISSING
          : isInstant
            ? matcher.instant(value)
            : matcher.number(value)
      }
    }
  }
  return codes
}

/** Finds the code of a cell of any kind among levels of one kind. */
class LevelMatcher {
  readonly #of: Column['kind']
  readonly #exact: Map<Level, number>
  /** For text levels: what they would be if read as numbers, booleans or instants; made when first needed. */
  #asNumber: Map<number, number> | undefined
  #asInstant: Map<number, number> | undefined

  constructor(categories: Categories) {
    this.#of = categories.of
    this.#exact = new Map(categories.levels.map((level, code) => [level, code]))
  }

  text(text: string): number {
    if (this.#of === 'string') return this.#find(textKey(text))
    const value = this.#of === 'datetime' ? parseDatetime(text) : parseNumber(text)
    if (!Number.isNaN(value)) return this.#of === 'datetime' ? this.instant(value) : this.number(value)
    const truth = parseBoolean(text)
    if (!Number.isNaN(truth)) return this.boolean(truth === 1)
    return isMissingMark(text) ? CODE_MISSING : CODE_UNSEEN
  }

  number(value: number): number {
    switch (this.#of) {
      case 'number':
        return this.#find(value + 0)
      case 'boolean':
        return value === 0 || value === 1 ? this.#find(value === 1) : CODE_UNSEEN
      case 'string': {
        const written = this.#exact.get(String(value))
        if (written !== undefined) return written
        this.#asNumber ??= this.#parsed(parseNumber)
        return this.#asNumber.get(value + 0) ?? CODE_UNSEEN
      }
      case 'datetime':
        return CODE_UNSEEN
    }
  }

  boolean(value: boolean): number {
    switch (this.#of) {
      case 'boolean':
        return this.#find(value)
      case 'number':
        return this.#find(Number(value))
      case 'string': {
        for (const [level, code] of this.#exact) {
          if (parseBoolean(level as string) === Number(value)) return code
        }
        return CODE_UNSEEN
      }
      case 'datetime':
        return CODE_UNSEEN
    }
  }

  instant(value: number): number {
    if (this.#of === 'datetime') return this.#find(value + 0)
    if (this.#of !== 'string') return CODE_UNSEEN
    this.#asInstant ??= this.#parsed(parseDatetime)
    return this.#asInstant.get(value + 0) ?? CODE_UNSEEN
  }

  #find(level: Level): number {
    return this.#exact.get(level) ?? CODE_UNSEEN
  }

  /** Text levels by their parsed value; of two that mean the same ("1", "1.0") the first wins. */
  #parsed(parse: (text: string) => number): Map<number, number> {
    const map = new Map<number, number>()
    for (const [level, code] of this.#exact) {
      const value = parse(level as string) + 0
      if (!Number.isNaN(value) && !map.has(value)) map.set(value, code)
    }
    return map
  }
}
