/**
 * Distributions as bars: probabilities of fixed buckets of the standardised target, narrow around 0 and wider outwards, up
 * to 8 standard deviations, where targets are clipped in training.
 */
import { add, matmul, mul, sign, square, sub, sum, type Tensor } from '@posterior/graph'
import { QUANTILES } from '../config.ts'

const LIMIT = 8

/** Borders of `count` buckets, increasing; one more than there are buckets. */
export function barBorders(count: number): Float64Array {
  const end = Math.asinh(LIMIT)
  return Float64Array.from({ length: count + 1 }, (_, k) => Math.sinh(end * ((2 * k) / count - 1)))
}

/**
 * The integral of (F(z) - [z >= y])^2 over z, the CRPS, with F taken at the middle of each bucket.
 *
 * @param probabilities  [B, m, buckets]
 * @param target         [B, m, 1]
 * @returns [B, m]
 */
export function barScore(probabilities: Tensor, target: Tensor): Tensor {
  const { graph } = probabilities
  const count = probabilities.shape[2] as number
  const borders = barBorders(count)
  const constant = (name: string, value: (k: number) => number) =>
    graph.constant(
      `bar_${name}`,
      [count],
      Float32Array.from({ length: count }, (_, k) => value(k)),
    )
  const middles = constant('middles', (k) => (borders[k]! + borders[k + 1]!) / 2)
  const widths = constant('widths', (k) => borders[k + 1]! - borders[k]!)
  // Everything below a bucket, and half of the bucket itself.
  const below = graph.constant(
    'bar_below',
    [count, count],
    Float32Array.from({ length: count * count }, (_, i) => {
      const [from, to] = [Math.floor(i / count), i % count]
      return from < to ? 1 : from === to ? 0.5 : 0
    }),
  )
  const reached = mul(add(sign(sub(middles, target)), 1), 0.5)
  return sum(mul(square(sub(matmul(probabilities, below), reached)), widths), [-1])
}

/**
 * Quantiles at (k + 0.5) / 255 of rows of bars, with density spread evenly within a bucket.
 *
 * @param probabilities  row-major [rows, buckets], each row summing to 1
 * @returns row-major [rows, 255], increasing
 */
export function quantilesOfBars(probabilities: Float32Array, buckets: number): Float32Array {
  const borders = barBorders(buckets)
  const rows = probabilities.length / buckets
  const quantiles = new Float32Array(rows * QUANTILES)
  for (let row = 0; row < rows; row++) {
    let bucket = 0
    let below = 0
    for (let k = 0; k < QUANTILES; k++) {
      const level = (k + 0.5) / QUANTILES
      let own = probabilities[row * buckets + bucket]!
      while (bucket < buckets - 1 && below + own < level) {
        below += own
        own = probabilities[row * buckets + ++bucket]!
      }
      const share = own > 0 ? Math.min(1, Math.max(0, (level - below) / own)) : 1
      const [low, high] = [borders[bucket]!, borders[bucket + 1]!]
      quantiles[row * QUANTILES + k] = low + share * (high - low)
    }
  }
  return quantiles
}
