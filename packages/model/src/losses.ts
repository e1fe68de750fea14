/** What answers are trained by. */
import { add, exp, log, mul, neg, relu, sub, sum, type Tensor } from '@posterior/graph'
import { QUANTILES } from './config.ts'

/** Quantile levels (k + 0.5) / 255 of distributions. */
export const QUANTILE_LEVELS: Float64Array = Float64Array.from(
  { length: QUANTILES },
  (_, k) => (k + 0.5) / QUANTILES,
)

/** -log p(class) of each row; [B, m]. */
export function crossEntropy(logProbabilities: Tensor, oneHot: Tensor): Tensor {
  return neg(sum(mul(logProbabilities, oneHot), [-1]))
}

/**
 * Mean over ordered pairs of different columns of -log p(edge or none); [B]. With s = 2 a - 1 that is log(1 + exp(-s x)),
 * taken so that it overflows nowhere.
 *
 * @param logits     [B, V, V]
 * @param adjacency  [B, V, V] of 0 and 1
 * @param pairs      [B, V, V]: 1 off the diagonal, divided by the number of such pairs
 */
export function edgeLoss(logits: Tensor, adjacency: Tensor, pairs: Tensor): Tensor {
  const signed = mul(logits, sub(mul(adjacency, 2), 1))
  const size = add(relu(logits), relu(neg(logits)))
  const perPair = add(relu(neg(signed)), log(add(exp(neg(size)), 1)))
  return sum(mul(perPair, pairs), [1, 2])
}

/** Twice the pinball loss, averaged over levels: an estimate of the CRPS; [B, m]. */
export function pinballLoss(quantiles: Tensor, target: Tensor): Tensor {
  const { graph } = quantiles
  const levels = graph.constant('levels', [QUANTILES], Float32Array.from(QUANTILE_LEVELS))
  const complement = graph.constant(
    'complement',
    [QUANTILES],
    Float32Array.from(QUANTILE_LEVELS, (level) => 1 - level),
  )
  const above = relu(sub(target, quantiles))
  const below = relu(sub(quantiles, target))
  const loss = add(mul(above, levels), mul(below, complement))
  return mul(sum(loss, [-1]), 2 / QUANTILES)
}
