/**
 * RMSNorm over the last axis, without a gain: the linear map that follows every norm of our models absorbs it
 * (Zhang and Sennrich, arXiv 1910.07467).
 */
import type { Tensor } from '../graph.ts'
import { add, div, mul, sqrt, square, sub } from '../ops/elementwise.ts'
import { mean } from '../ops/mean.ts'
import { callFunction } from './named-function.ts'

const EPSILON = 1e-6

/** x / sqrt(mean(x^2) + 1e-6) along the last axis. */
export function rmsNorm(x: Tensor): Tensor {
  const outputs = x.graph.lowering === 'portable' ? portable(x) : fused(x)
  return outputs[0]!

  function vjp(dy: Tensor): Tensor[] {
    return callFunction({ name: 'RmsNormGradient', body: gradientBody }, [dy, outputs[0]!, outputs[1]!])
  }

  function portable(input: Tensor): Tensor[] {
    return callFunction({ name: 'RmsNorm', parameters: { epsilon: EPSILON }, body }, [input], {
      vjp: ([dy]) => vjp(dy!),
    })
  }

  /** ONNX Runtime's kernel; its third output is the reciprocal of the root mean square. */
  function fused(input: Tensor): Tensor[] {
    const width = input.shape.at(-1) as number
    const { graph } = input
    const name = `ones_${width}`
    const gain =
      graph.constants.get(name)?.tensor ?? graph.constant(name, [width], new Float32Array(width).fill(1))
    const reduced = { shape: [...input.shape.slice(0, -1), 1], type: 'float32' } as const
    return graph.nodeWithOutputs(
      'SimplifiedLayerNormalization',
      [input, gain],
      [{ shape: input.shape, type: 'float32' }, reduced],
      {
        attributes: { axis: -1, epsilon: { float: EPSILON } },
        differentiated: [input],
        vjp: ([dy]) => vjp(dy!),
      },
    )
  }
}

function body(x: Tensor | undefined): Tensor[] {
  const rms = sqrt(add(mean(square(x!), [-1], true), EPSILON))
  const reciprocal = div(rms.graph.scalar(1), rms)
  return [mul(x!, reciprocal), reciprocal]
}

/** dx = (dy - y mean(dy y)) / rms. */
function gradientBody(
  dy: Tensor | undefined,
  y: Tensor | undefined,
  reciprocal: Tensor | undefined,
): Tensor[] {
  return [mul(sub(dy!, mul(y!, mean(mul(dy!, y!), [-1], true))), reciprocal!)]
}
