/** Activations as named functions. */
import type { Tensor } from '../graph.ts'
import { mul, relu, square } from '../ops/elementwise.ts'
import { callFunction } from './named-function.ts'

/** max(x, 0)^2 (Primer, arXiv 2109.08668): as good as GELU in a feed-forward block and four times as cheap backwards. */
export function reluSquared(x: Tensor): Tensor {
  const y: Tensor[] = callFunction({ name: 'ReluSquared', body: (v) => [square(relu(v!))] }, [x], {
    vjp: ([dy]) =>
      callFunction({ name: 'ReluSquaredGradient', body: (v, d) => [mul(mul(relu(v!), 2), d!)] }, [x, dy!]),
  })
  return y[0]!
}
