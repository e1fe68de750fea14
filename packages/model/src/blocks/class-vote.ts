/**
 * Classification by vote: each query row spreads its attention over the labelled rows, and the weights are summed by
 * class. There is no output layer with a fixed number of classes, and relabelling the classes relabels the answer.
 */
import {
  add,
  type Dim,
  div,
  log,
  matmul,
  mul,
  reshape,
  rmsNorm,
  softmax,
  type Tensor,
} from '@posterior/graph'
import { CLASS_SLOTS, type VoteSizes } from '../config.ts'
import type { Scope } from '../parameters.ts'
import { linear, logitScale, normHeads } from './layers.ts'
import { sharedHeadAttention } from './row-transformer.ts'

/** Probability that every slot keeps, so that the logarithm stays finite. */
const FLOOR = 1e-5

/** Keys [B, n, voteWidth] of the labelled rows, and their class slots as one-hot rows [B, n, 64]. */
export interface VoteContext {
  readonly keys: Tensor
  readonly classes: Tensor
}

/** @param rows  labelled rows [B, n, D] after the last layer */
export function voteContext(scope: Scope, rows: Tensor, classes: Tensor, config: VoteSizes): VoteContext {
  return { keys: rmsNorm(linear(scope, 'key', rmsNorm(rows), config.voteWidth)), classes }
}

/**
 * @param rows  query rows [B, m, D] after the last layer
 * @returns log-probabilities of the class slots [B, m, 64]; slots without a labelled row get about log(1e-5)
 */
export function classVote(scope: Scope, rows: Tensor, context: VoteContext, config: VoteSizes): Tensor {
  const [batch, count] = rows.shape as [Dim, Dim, number]
  const { voteHeads: heads, voteWidth: width } = config
  const normed = rmsNorm(rows)
  const scale = logitScale(scope, heads, width, context.keys.shape[1]!)
  const query = mul(normHeads(linear(scope, 'query', normed, heads * width), heads), scale)
  const votes = sharedHeadAttention(query, { keys: context.keys, values: context.classes }, heads)
  const gate = softmax(linear(scope, 'gate', normed, heads))
  const mixed = matmul(
    reshape(gate, [batch, count, 1, heads]),
    reshape(votes, [batch, count, heads, CLASS_SLOTS]),
  )
  const probabilities = reshape(mixed, [batch, count, CLASS_SLOTS])
  return log(div(add(probabilities, FLOOR), 1 + CLASS_SLOTS * FLOOR))
}
