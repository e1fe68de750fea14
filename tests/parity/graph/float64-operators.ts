/** The ONNX operators that our graphs use, in float64, straight from the operators' definitions. */

export interface Dense {
  readonly data: Float64Array
  readonly dims: readonly number[]
}

type Attributes = Readonly<Record<string, unknown>>
type Operator = (inputs: Dense[], attributes: Attributes) => Dense[]

export function dense(data: Float64Array, dims: readonly number[]): Dense {
  return { data, dims }
}

const sizeOf = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1)

function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1)
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * dims[i + 1]!
  return strides
}

/** Build a tensor from the value at each position. */
function generate(dims: readonly number[], value: (position: number[]) => number): Dense {
  const data = new Float64Array(sizeOf(dims))
  const position = new Array<number>(dims.length).fill(0)
  for (let i = 0; i < data.length; i++) {
    data[i] = value(position)
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position[axis]! += 1
      if (position[axis]! < dims[axis]!) break
      position[axis] = 0
    }
  }
  return dense(data, dims)
}

function at(x: Dense, position: readonly number[]): number {
  const strides = stridesOf(x.dims)
  let offset = 0
  for (let axis = 0; axis < x.dims.length; axis++) offset += position[axis]! * strides[axis]!
  return x.data[offset]!
}

function broadcastTo(x: Dense, dims: readonly number[]): Dense {
  if (x.dims.join() === dims.join()) return x
  const missing = dims.length - x.dims.length
  return generate(dims, (position) =>
    at(
      x,
      x.dims.map((dim, axis) => (dim === 1 ? 0 : position[axis + missing]!)),
    ),
  )
}

function broadcastDims(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const da = a[axis - rank + a.length] ?? 1
    const db = b[axis - rank + b.length] ?? 1
    return da === 1 ? db : da
  })
}

function binary(compute: (a: number, b: number) => number): Operator {
  return ([a, b]) => {
    const dims = broadcastDims(a!.dims, b!.dims)
    const left = broadcastTo(a!, dims).data
    const right = broadcastTo(b!, dims).data
    return [
      dense(
        left.map((x, i) => compute(x, right[i]!)),
        dims,
      ),
    ]
  }
}

function unary(compute: (x: number) => number): Operator {
  return ([x]) => [dense(x!.data.map(compute), x!.dims)]
}

function matmul(a: Dense, b: Dense): Dense {
  const batch = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2))
  const [rows, inner] = a.dims.slice(-2) as [number, number]
  const columns = b.dims.at(-1)!
  const left = broadcastTo(a, [...batch, rows, inner]).data
  const right = broadcastTo(b, [...batch, inner, columns]).data
  const out = new Float64Array(sizeOf(batch) * rows * columns)
  for (let g = 0; g < sizeOf(batch); g++) {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inner; k++) {
        const x = left[(g * rows + i) * inner + k]!
        for (let j = 0; j < columns; j++) {
          out[(g * rows + i) * columns + j]! += x * right[(g * inner + k) * columns + j]!
        }
      }
    }
  }
  return dense(out, [...batch, rows, columns])
}

function softmax(x: Dense): Dense {
  const width = x.dims.at(-1)!
  const out = new Float64Array(x.data.length)
  for (let start = 0; start < out.length; start += width) {
    const row = x.data.subarray(start, start + width)
    const top = Math.max(...row)
    let total = 0
    for (let i = 0; i < width; i++) {
      out[start + i] = Math.exp(row[i]! - top)
      total += out[start + i]!
    }
    for (let i = 0; i < width; i++) out[start + i]! /= total
  }
  return dense(out, x.dims)
}

function reshape(x: Dense, shape: Dense): Dense {
  const target = [...shape.data]
  const known = target.reduce((product, dim, axis) => {
    if (dim === 0) target[axis] = x.dims[axis]!
    return dim === -1 ? product : product * target[axis]!
  }, 1)
  return dense(
    x.data,
    target.map((dim) => (dim === -1 ? x.data.length / known : dim)),
  )
}

function reduceSum(x: Dense, axes: Dense, keep: boolean): Dense {
  const [axis] = [...axes.data] as [number]
  const dims = x.dims.map((dim, i) => (i === axis ? 1 : dim))
  const sums = generate(dims, (position) => {
    let total = 0
    for (let i = 0; i < x.dims[axis]!; i++) total += at(x, position.with(axis, i))
    return total
  })
  return keep
    ? sums
    : dense(
        sums.data,
        dims.filter((_, i) => i !== axis),
      )
}

function slice(x: Dense, start: number, stop: number, axis: number): Dense {
  const length = x.dims[axis]!
  const clamp = (place: number) => Math.max(0, Math.min(length, place < 0 ? place + length : place))
  const [from, to] = [clamp(start), clamp(stop)]
  return generate(x.dims.with(axis, Math.max(0, to - from)), (p) => at(x, p.with(axis, p[axis]! + from)))
}

function concat(parts: Dense[], axis: number): Dense {
  const length = parts.reduce((sum, part) => sum + part.dims[axis]!, 0)
  return generate(parts[0]!.dims.with(axis, length), (position) => {
    let place = position[axis]!
    for (const part of parts) {
      if (place < part.dims[axis]!) return at(part, position.with(axis, place))
      place -= part.dims[axis]!
    }
    throw new Error('position outside of all parts')
  })
}

function pad(x: Dense, pads: Dense, axis: number): Dense {
  const [front, back] = [...pads.data] as [number, number]
  const length = x.dims[axis]!
  return generate(x.dims.with(axis, length + front + back), (position) => {
    const place = position[axis]! - front
    return place < 0 || place >= length ? 0 : at(x, position.with(axis, place))
  })
}

function rmsNorm(x: Dense, gain: Dense, epsilon: number): Dense[] {
  const width = x.dims.at(-1)!
  const reciprocal = new Float64Array(x.data.length / width)
  const out = x.data.map((value, i) => {
    const row = Math.floor(i / width)
    if (i % width === 0) {
      let squares = 0
      for (let j = 0; j < width; j++) squares += x.data[i + j]! ** 2
      reciprocal[row] = 1 / Math.sqrt(squares / width + epsilon)
    }
    return value * reciprocal[row]! * gain.data[i % width]!
  })
  return [dense(out, x.dims), dense(reciprocal, [...x.dims.slice(0, -1), 1])]
}

export const OPERATORS: Readonly<Record<string, Operator>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Mod: binary((a, b) => ((a % b) + b) % b),
  Neg: unary((x) => -x),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Relu: unary((x) => Math.max(x, 0)),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Sign: unary(Math.sign),
  Cast: ([x]) => [x!],
  Softmax: ([x]) => [softmax(x!)],
  MatMul: ([a, b]) => [matmul(a!, b!)],
  Reshape: ([x, shape]) => [reshape(x!, shape!)],
  Expand: ([x, shape]) => [broadcastTo(x!, [...shape!.data])],
  Shape: ([x], { start, end }) => [
    dense(Float64Array.from(x!.dims.slice(start as number, end as number)), [1]),
  ],
  Concat: (parts, { axis }) => [concat(parts, axis as number)],
  Slice: ([x, start, stop, axis]) => [slice(x!, start!.data[0]!, stop!.data[0]!, axis!.data[0]!)],
  Pad: ([x, pads, , axes]) => [pad(x!, pads!, axes!.data[0]!)],
  ReduceSum: ([x, axes], { keepdims }) => [reduceSum(x!, axes!, keepdims === 1)],
  Transpose: ([x], { perm }) => {
    const order = perm as readonly number[]
    const dims = order.map((axis) => x!.dims[axis]!)
    return [
      generate(dims, (position) =>
        at(
          x!,
          order.map((_, axis) => position[order.indexOf(axis)]!),
        ),
      ),
    ]
  },
  SimplifiedLayerNormalization: ([x, gain], { epsilon }) =>
    rmsNorm(x!, gain!, (epsilon as { float: number }).float),
}
