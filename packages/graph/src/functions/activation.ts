/** Activations as named functions. */
import type { Tensor } from '../graph.ts'
import { add, mul, relu, sigmoid, square } from '../ops/elementwise.ts'
import { callFunction } from './named-function.ts'

/** max(x, 0)^2 (Primer, arXiv 2109.08668): as good as GELU in a feed-forward block and four times as cheap backwards. */
export function reluSquared(x: Tensor): Tensor {
  const y: Tensor[] = callFunction({ name: 'ReluSquared', body: (v) => [square(relu(v!))] }, [x], {
    vjp: ([dy]) =>
      callFunction({ name: 'ReluSquaredGradient', body: (v, d) => [mul(mul(relu(v!), 2), d!)] }, [x, dy!]),
  })
  return y[0]!
}

/** x * sigmoid(1.6 (x + 0.0447 x^3)): GELU by its tanh form (arXiv 1606.08415), within 1e-3 of the exact one. */
export function gelu(x: Tensor): Tensor {
  const inner = add(x, mul(mul(square(x), x), 0.044715))
  return mul(x, sigmoid(mul(inner, 2 * Math.sqrt(2 / Math.PI))))
}

/** x * sigmoid(x), also called swish (arXiv 1702.03118). */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x))
}
