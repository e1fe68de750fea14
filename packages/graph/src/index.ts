export { addDims, type Dim, formatShape, mulDims, type Shape, ShapeError } from './dim.ts'
export { gelu, reluSquared, silu } from './functions/activation.ts'
export { type AttentionOptions, attention } from './functions/attention.ts'
export { callFunction, type NamedFunction } from './functions/named-function.ts'
export { rmsNorm } from './functions/rms-norm.ts'
export { gradients } from './gradients.ts'
export { type ElementType, Graph, type GraphOptions, type Lowering, type Node, Tensor } from './graph.ts'
export { type OnnxGraph, serialize, type TensorInfo } from './onnx/model-proto.ts'
export {
  add,
  div,
  exp,
  log,
  mul,
  neg,
  type Operand,
  relu,
  sigmoid,
  sign,
  sqrt,
  square,
  sub,
} from './ops/elementwise.ts'
export { concat, reshape, roll, slice, transpose } from './ops/layout.ts'
export { matmul, softmax, swapLast } from './ops/matmul.ts'
export { mean, meanAll, sizeAsFloat } from './ops/mean.ts'
export { expand, sum, sumAll } from './ops/sum.ts'
