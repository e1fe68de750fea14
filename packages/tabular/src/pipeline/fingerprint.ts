/**
 * The fingerprint of a row: a number from 0 to 1 that follows from the row's values alone. It lets a model tell copies of one
 * training row apart, and see that a row to predict is a copy of one of them. Not cryptographic.
 */
import type { NumericColumn } from '../table/numeric-table.ts'

/**
 * A column of fingerprints. Rows are copies when their numbers are equal, -0 counting as 0 and NaN as NaN.
 *
 * @param salt        whole number; another one gives other fingerprints
 * @param isTraining  whether to tell copies apart: the second and later ones get a fingerprint of their own
 * @returns values from 0 to 1
 */
export function fingerprints(
  columns: readonly NumericColumn[],
  salt: number,
  { isTraining }: { isTraining: boolean },
): NumericColumn {
  const rows = columns[0]?.values.length ?? 0
  const seen = new Map<number, number>()
  const values = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const first = rowHash(columns, row, salt)
    const copies = seen.get(first) ?? 0
    if (isTraining) seen.set(first, copies + 1)
    values[row] = copies === 0 ? first : rowHash(columns, row, salt + copies)
  }
  return { name: 'fingerprint', values, categorical: false }
}

const view = new DataView(new ArrayBuffer(8))

/** 0..1, 53 bits: two lanes of a multiply-rotate hash over the doubles of a row. */
function rowHash(columns: readonly NumericColumn[], row: number, salt: number): number {
  let a = 0x9e3779b9 ^ salt
  let b = 0x243f6a88 ^ Math.imul(salt, 0x85ebca6b)
  const absorb = (word: number) => {
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = Math.imul(b ^ word, 0x1b873593) + a
    b = (b << 13) | (b >>> 19)
  }
  for (const { values } of columns) {
    const x = values[row]!
    view.setFloat64(0, Number.isNaN(x) ? Number.NaN : x + 0)
    absorb(view.getUint32(0))
    absorb(view.getUint32(4))
  }
  absorb(columns.length)
  a = mix(a + b)
  b = mix(b + a)
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992
}

function mix(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
