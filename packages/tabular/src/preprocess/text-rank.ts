/**
 * Text with too many distinct values to be a category (names, codes, sentences) becomes its place in the alphabetical
 * order of the training texts. Up to 1,024 distinct texts each has its own place and an unseen one is missing. Beyond
 * that 1,024 of them, evenly spread, are kept as knots, and a text between two knots gets the place between them.
 */
import { compareCodePoints } from '../table/compare-text.ts'
import type { Level } from './categories.ts'

/** Plain JSON. */
export interface TextRanks {
  /** Distinct training texts in code point order, cut at 256 characters. */
  knots: string[]
  /** Whether `knots` are only some of the training texts. */
  thinned: boolean
}

const MAX_KNOTS = 1_024
const KNOT_LENGTH = 256

/** Keep the order of these distinct training texts. */
export function fitTextRanks(texts: Iterable<Level>): TextRanks {
  const distinct = new Set<string>()
  for (const text of texts) distinct.add(String(text).slice(0, KNOT_LENGTH))
  const sorted = [...distinct].sort(compareCodePoints)
  if (sorted.length <= MAX_KNOTS) return { knots: sorted, thinned: false }
  const step = (sorted.length - 1) / (MAX_KNOTS - 1)
  const knots = Array.from({ length: MAX_KNOTS }, (_, k) => sorted[Math.round(k * step)]!)
  return { knots, thinned: true }
}

/** Place of a text: its index among the knots, half-way between two, or NaN for an unseen text of a full list. */
export function textRank(ranks: TextRanks, text: string): number {
  const key = text.slice(0, KNOT_LENGTH)
  let lo = 0
  let hi = ranks.knots.length
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (compareCodePoints(ranks.knots[mid]!, key) < 0) lo = mid + 1
    else hi = mid
  }
  if (ranks.knots[lo] === key) return lo
  return ranks.thinned ? lo - 0.5 : Number.NaN
}
