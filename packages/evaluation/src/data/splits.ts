/**
 * The splits that the stored baselines were computed on, rebuilt from scikit-learn 1.2.1's rules.
 *
 * For n rows: test = `train_test_split(rows, test_size=min(1000, n // 3), random_state=seed)`, stratified by the class for
 * classification. When more than 2,000 rows are left, train = `train_test_split(rest, train_size=2000, random_state=0)`,
 * stratified as well: the second split keeps seed 0 whatever the seed of the first.
 */
import { RandomState } from './mt19937.ts'

/** Row numbers of one split, in scikit-learn's order. */
export interface Split {
  train: Int32Array
  test: Int32Array
}

/** How many rows each part takes. */
export interface SplitSizes {
  train: number
  test: number
}

/** `ShuffleSplit`: one permutation; the first part is the test. `sizes.train + sizes.test` ≤ n. */
export function shuffleSplit(n: number, sizes: SplitSizes, seed: number): Split {
  requireRows(n, sizes)
  const order = new RandomState(seed).permutation(n)
  return { test: order.slice(0, sizes.test), train: order.slice(sizes.test, sizes.test + sizes.train) }
}

/**
 * `StratifiedShuffleSplit` on string labels.
 *
 * @param labels one label per row; classes are taken in code point order, as `numpy.unique` does for strings
 */
export function stratifiedSplit(labels: readonly string[], sizes: SplitSizes, seed: number): Split {
  requireRows(labels.length, sizes)
  const rng = new RandomState(seed)
  const rowsOfClass = groupRows(labels)
  const counts = rowsOfClass.map((rows) => rows.length)
  const trainCounts = approximateMode(counts, sizes.train, rng)
  const left = counts.map((count, k) => count - trainCounts[k]!)
  const testCounts = approximateMode(left, sizes.test, rng)
  const train: number[] = []
  const test: number[] = []
  for (const [k, rows] of rowsOfClass.entries()) {
    const shuffled = Array.from(rng.permutation(rows.length), (i) => rows[i]!)
    const cut = trainCounts[k]!
    train.push(...shuffled.slice(0, cut))
    test.push(...shuffled.slice(cut, cut + testCounts[k]!))
  }
  return { train: take(train, rng.permutation(train.length)), test: take(test, rng.permutation(test.length)) }
}

/**
 * The split of one dataset and seed as the baselines saw it.
 *
 * @param target labels as strings for classification; the number of rows for regression
 */
export function datasetSplit(target: readonly string[] | number, sizes: SplitSizes, seed: number): Split {
  const n = typeof target === 'number' ? target : target.length
  if (sizes.train + sizes.test === n) {
    return typeof target === 'number' ? shuffleSplit(n, sizes, seed) : stratifiedSplit(target, sizes, seed)
  }
  const first = datasetSplit(target, { train: n - sizes.test, test: sizes.test }, seed)
  const rest = typeof target === 'number' ? first.train.length : Array.from(first.train, (i) => target[i]!)
  const second = datasetSplit(rest, { train: sizes.train, test: first.train.length - sizes.train }, 0)
  return { train: take(first.train, second.train), test: first.test }
}

/**
 * scikit-learn's `_approximate_mode`: the likeliest class counts of `draws` rows drawn without replacement. Ties among
 * equal remainders are broken at random, which is why it takes the generator.
 */
export function approximateMode(counts: readonly number[], draws: number, rng: RandomState): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const exact = counts.map((count) => (count / total) * draws)
  const taken = exact.map(Math.floor)
  let missing = draws - taken.reduce((sum, count) => sum + count, 0)
  const remainders = exact.map((value, k) => value - taken[k]!)
  const descending = [...new Set(remainders)].sort((a, b) => b - a)
  for (const value of descending) {
    if (missing === 0) break
    const tied = remainders.flatMap((remainder, k) => (remainder === value ? [k] : []))
    const chosen = rng.permutation(tied.length).slice(0, Math.min(tied.length, missing))
    for (const i of chosen) taken[tied[i]!]!++
    missing -= chosen.length
  }
  return taken
}

function groupRows(labels: readonly string[]): number[][] {
  const groups = new Map<string, number[]>()
  for (const [row, label] of labels.entries()) {
    const rows = groups.get(label)
    if (rows) rows.push(row)
    else groups.set(label, [row])
  }
  return [...groups.keys()].sort(compareCodePoints).map((label) => groups.get(label)!)
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0)!)
  const right = Array.from(b, (character) => character.codePointAt(0)!)
  const at = left.findIndex((code, i) => code !== right[i])
  return at < 0 ? left.length - right.length : left[at]! - (right[at] ?? -1)
}

function take(items: ArrayLike<number>, order: Int32Array): Int32Array {
  return order.map((i) => items[i]!)
}

function requireRows(n: number, { train, test }: SplitSizes): void {
  if (train < 1 || test < 1 || train + test > n) {
    throw new RangeError(`Expected train + test between 2 and ${n} rows, got ${train} + ${test}.`)
  }
}
