/** Which rows each fold of the cross-validation holds out. */
import { Random } from '@posterior/tabular'

/** Folds that the rows are dealt into; the search may use only the first few of them. */
export const FOLDS = 5

/** Not held out by any fold. */
export const NEVER_HELD_OUT = -1

/**
 * Deal rows into folds at random, the classes evenly (stratified). The only row of a class is never held out, so that
 * every fold trains on every class.
 *
 * @param labels class of each row, or numbers, which are dealt without regard to their values
 * @returns fold of each row: 0 to FOLDS - 1, or NEVER_HELD_OUT
 */
export function dealFolds(labels: Int32Array | Float64Array, seed: number): Int8Array {
  const folds = new Int8Array(labels.length).fill(NEVER_HELD_OUT)
  const random = Random.fromSeed(seed, 'thinking folds')
  // One counter for all classes: fold sizes differ by one row at most.
  let next = 0
  for (const rows of groups(labels)) {
    if (labels instanceof Int32Array && rows.length < 2) continue
    for (const row of random.shuffle(Int32Array.from(rows))) folds[row] = next++ % FOLDS
  }
  return folds
}

/** Rows that a fold trains on and those that it holds out, in their order. */
export function rowsOfFold(folds: Int8Array, fold: number): { train: number[]; held: number[] } {
  const train: number[] = []
  const held: number[] = []
  for (let row = 0; row < folds.length; row++) (folds[row] === fold ? held : train).push(row)
  return { train, held }
}

function groups(labels: Int32Array | Float64Array): number[][] {
  if (labels instanceof Float64Array) return [Array.from(labels.keys())]
  const byClass: number[][] = []
  for (let row = 0; row < labels.length; row++) {
    byClass[labels[row]!] ??= []
    byClass[labels[row]!]!.push(row)
  }
  return byClass
}
