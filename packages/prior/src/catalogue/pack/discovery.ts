/** Causal discovery: a whole table in, a graph out. There is no labelled part, so it is no in-context task. */

import { type Tensor, tensorOf } from '../studio-prior.ts'

export interface DiscoveryTask {
  /** [N, d], each column with mean 0 and standard deviation 1, so that variances do not give the order away. */
  readonly x: Tensor
  /** [d, d] of 0 and 1: row causes column. */
  readonly adjacency: Tensor
}

/** A sample of `X` and `A` with standardised columns. */
export function packDiscovery(sample: Record<string, Tensor>): DiscoveryTask {
  const { shape, data } = tensorOf(sample, 'X')
  const [rows, columns] = shape as [number, number]
  const x = data.slice()
  for (let j = 0; j < columns; j++) {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += x[i * columns + j]! / rows
    let variance = 0
    for (let i = 0; i < rows; i++) variance += (x[i * columns + j]! - mean) ** 2 / rows
    const scale = variance > 0 ? Math.sqrt(variance) : 1
    for (let i = 0; i < rows; i++) x[i * columns + j] = (x[i * columns + j]! - mean) / scale
  }
  return { x: { shape, data: x }, adjacency: tensorOf(sample, 'A') }
}
