/** Elementwise operations with ONNX broadcasting, and their vector-Jacobian products. */
import { broadcastShapes } from '../dim.ts'
import type { Tensor } from '../graph.ts'
import { sumTo } from './sum.ts'

/** A tensor, or a float32 scalar. */
export type Operand = Tensor | number

export function add(a: Tensor, b: Operand): Tensor {
  const y = operand(a, b)
  return binary('Add', a, y, (dy) => [sumTo(dy, a.shape), sumTo(dy, y.shape)])
}

export function sub(a: Tensor, b: Operand): Tensor {
  const y = operand(a, b)
  return binary('Sub', a, y, (dy) => [sumTo(dy, a.shape), sumTo(neg(dy), y.shape)])
}

export function mul(a: Tensor, b: Operand): Tensor {
  const y = operand(a, b)
  return binary('Mul', a, y, (dy) => [sumTo(mul(dy, y), a.shape), lazy(y, () => sumTo(mul(dy, a), y.shape))])
}

export function div(a: Tensor, b: Operand): Tensor {
  const y = operand(a, b)
  return binary('Div', a, y, (dy, quotient) => [
    sumTo(div(dy, y), a.shape),
    lazy(y, () => sumTo(neg(div(mul(dy, quotient), y)), y.shape)),
  ])
}

export function neg(x: Tensor): Tensor {
  return unary('Neg', x, (dy) => neg(dy))
}

export function exp(x: Tensor): Tensor {
  return unary('Exp', x, (dy, y) => mul(dy, y))
}

/** Natural logarithm; the caller keeps the argument positive. */
export function log(x: Tensor): Tensor {
  return unary('Log', x, (dy) => div(dy, x))
}

export function sqrt(x: Tensor): Tensor {
  return unary('Sqrt', x, (dy, y) => div(mul(dy, 0.5), y))
}

export function square(x: Tensor): Tensor {
  return unary('Mul', x, (dy) => mul(mul(dy, 2), x), [x, x])
}

/** max(x, 0); the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return unary('Relu', x, (dy, y) => mul(dy, sign(y)))
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Tensor): Tensor {
  return unary('Sigmoid', x, (dy, y) => mul(mul(dy, y), sub(x.graph.scalar(1), y)))
}

/** -1, 0 or 1; nothing flows back through it. */
export function sign(x: Tensor): Tensor {
  return x.graph.node('Sign', [x], x.shape, 'float32')
}

function unary(
  opType: string,
  x: Tensor,
  gradient: (dy: Tensor, y: Tensor) => Tensor,
  inputs: readonly Tensor[] = [x],
): Tensor {
  const y: Tensor = x.graph.node(opType, inputs, x.shape, 'float32', {
    vjp: ([dy]) => [gradient(dy!, y)],
  })
  return y
}

function binary(
  opType: string,
  a: Tensor,
  b: Tensor,
  gradient: (dy: Tensor, y: Tensor) => (Tensor | null)[],
): Tensor {
  const y: Tensor = a.graph.node(opType, [a, b], broadcastShapes(a.shape, b.shape), 'float32', {
    vjp: ([dy]) => gradient(dy!, y),
  })
  return y
}

function operand(like: Tensor, value: Operand): Tensor {
  return typeof value === 'number' ? like.graph.scalar(value) : value
}

/** Skip the gradient of a constant. */
function lazy(input: Tensor, gradient: () => Tensor): Tensor | null {
  return input.graph.constants.has(input.name) ? null : gradient()
}
