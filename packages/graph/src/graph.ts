/**
 * A tensor program that is built once and written as an ONNX graph.
 *
 * Operations (folder `ops/`) append nodes to the graph of their inputs and return the result's handle. A node carries
 * its own vector-Jacobian product, so that `gradients()` can extend the same graph by its derivative. Only what the
 * outputs need is written, so one forward definition gives training, encoding and prediction graphs.
 */
import { type Dim, formatShape, namesIn, type Shape, ShapeError, termsOf } from './dim.ts'

export type ElementType = 'float32' | 'int64' | 'bool'

export type AttributeValue = number | string | readonly number[] | { readonly float: number }

/**
 * The gradients of a node's inputs, given those of its outputs (null where nothing depends on that output).
 * A null result means that no gradient flows to that input.
 */
export type VectorJacobianProduct = (
  outputGradients: readonly (Tensor | null)[],
) => readonly (Tensor | null)[]

export interface Node {
  readonly opType: string
  readonly domain: string
  readonly inputs: readonly (Tensor | null)[]
  readonly outputs: readonly Tensor[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly vjp: VectorJacobianProduct | undefined
  /** The values whose gradients `vjp` gives: the inputs, or those of a whole chain of nodes that ends here. */
  readonly differentiated: readonly (Tensor | null)[]
}

/** Handle of a value in a graph. */
export class Tensor {
  readonly graph: Graph
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** The node that computes the value; undefined for inputs and constants. */
  producer: Node | undefined

  constructor(graph: Graph, name: string, type: ElementType, shape: Shape) {
    this.graph = graph
    this.name = name
    this.type = type
    this.shape = shape
  }

  get rank(): number {
    return this.shape.length
  }
}

export interface Constant {
  readonly tensor: Tensor
  readonly data: Float32Array | BigInt64Array
}

export interface NodeOptions {
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly vjp?: VectorJacobianProduct
  readonly differentiated?: readonly (Tensor | null)[]
}

/**
 * How named functions are written. 'portable': as functions of the file made of standard operators. 'onnxruntime': by
 * the fused kernels that ONNX Runtime has for some of them; same values to rounding, less memory and time.
 * 'differentiable': the fused kernels that have a gradient here.
 */
export type Lowering = 'portable' | 'onnxruntime' | 'differentiable'

export interface GraphOptions {
  readonly lowering?: Lowering
}

/** A function of the file: its body is a graph of its own, over formal inputs. */
export interface GraphFunction {
  readonly name: string
  readonly documentation: string
  readonly body: Graph
}

export class Graph {
  readonly lowering: Lowering
  readonly inputs: Tensor[] = []
  readonly outputs: { readonly name: string; readonly tensor: Tensor }[] = []
  readonly constants = new Map<string, Constant>()
  readonly nodes: Node[] = []
  /** Functions by the signature they were made for; shared with the bodies of functions. */
  readonly functions = new Map<string, GraphFunction>()
  readonly #sizes = new Map<string, Tensor>()
  readonly #scalars = new Map<string, Tensor>()
  #counter = 0

  constructor(options: GraphOptions = {}) {
    this.lowering = options.lowering ?? 'portable'
  }

  /** Declare an input of the graph. Named sizes in its shape may be used in the shapes of later operations. */
  input(name: string, shape: Shape, type: ElementType = 'float32'): Tensor {
    const tensor = new Tensor(this, name, type, shape)
    this.inputs.push(tensor)
    return tensor
  }

  /** A constant float32 tensor with a name of its own, such as a model's weight. */
  constant(name: string, shape: readonly number[], data: Float32Array): Tensor {
    const expected = shape.reduce((product, dim) => product * dim, 1)
    if (data.length !== expected) {
      throw new ShapeError(
        `constant ${name} has ${data.length} values, ${formatShape(shape)} needs ${expected}`,
      )
    }
    return this.#addConstant(name, 'float32', shape, data)
  }

  /** A float32 scalar; equal scalars share one constant. */
  scalar(value: number): Tensor {
    const key = String(value)
    let tensor = this.#scalars.get(key)
    if (!tensor) {
      tensor = this.#addConstant(this.freshName('scalar'), 'float32', [], new Float32Array([value]))
      this.#scalars.set(key, tensor)
    }
    return tensor
  }

  /** A constant vector of int64, as shapes, axes and indices are given. */
  integers(values: readonly number[]): Tensor {
    const key = `i${values.join(',')}`
    let tensor = this.#scalars.get(key)
    if (!tensor) {
      tensor = this.#addConstant(
        this.freshName('integers'),
        'int64',
        [values.length],
        BigInt64Array.from(values, BigInt),
      )
      this.#scalars.set(key, tensor)
    }
    return tensor
  }

  /** A dimension as an int64 vector of length 1, computed from the shapes of the graph's inputs at run time. */
  sizeTensor(dim: Dim): Tensor {
    if (typeof dim === 'number') return this.integers([dim])
    let tensor = this.#sizes.get(dim)
    if (!tensor) {
      tensor = this.#computeSize(dim)
      this.#sizes.set(dim, tensor)
    }
    return tensor
  }

  /** Append a node with one output. Operations call this; it does not check shapes. */
  node(
    opType: string,
    inputs: readonly (Tensor | null)[],
    shape: Shape,
    type: ElementType,
    options: NodeOptions = {},
  ): Tensor {
    return this.nodeWithOutputs(opType, inputs, [{ shape, type }], options)[0]!
  }

  nodeWithOutputs(
    opType: string,
    inputs: readonly (Tensor | null)[],
    outputs: readonly { readonly shape: Shape; readonly type: ElementType }[],
    options: NodeOptions = {},
  ): Tensor[] {
    for (const input of inputs) {
      if (input && input.graph !== this) {
        throw new ShapeError(`${opType}: input ${input.name} belongs to another graph`)
      }
    }
    const base = this.freshName(opType)
    const tensors = outputs.map(
      ({ shape, type }, index) => new Tensor(this, index === 0 ? base : `${base}_${index}`, type, shape),
    )
    const node: Node = {
      opType,
      domain: options.domain ?? '',
      inputs,
      outputs: tensors,
      attributes: options.attributes ?? {},
      vjp: options.vjp,
      differentiated: options.differentiated ?? inputs,
    }
    for (const tensor of tensors) tensor.producer = node
    this.nodes.push(node)
    return tensors
  }

  /** Make a value an output of the graph under the given name. */
  output(name: string, tensor: Tensor): void {
    this.outputs.push({ name, tensor })
  }

  freshName(prefix: string): string {
    this.#counter += 1
    return `${prefix}_${this.#counter}`
  }

  #addConstant(
    name: string,
    type: ElementType,
    shape: readonly number[],
    data: Float32Array | BigInt64Array,
  ): Tensor {
    if (this.constants.has(name)) throw new ShapeError(`the graph has a constant "${name}" already`)
    const tensor = new Tensor(this, name, type, shape)
    this.constants.set(name, { tensor, data })
    return tensor
  }

  #computeSize(dim: string): Tensor {
    const direct = this.inputs.find((input) => input.shape.includes(dim))
    if (direct) {
      const axis = direct.shape.indexOf(dim)
      return this.node('Shape', [direct], [1], 'int64', { attributes: { start: axis, end: axis + 1 } })
    }
    const terms = termsOf(dim)
    if (terms.length === 1 && terms[0]!.factors.length === 1 && terms[0]!.coefficient === 1) {
      const known = this.inputs.flatMap((input) => input.shape.flatMap(namesIn))
      throw new ShapeError(
        `size "${dim}" stands in no input's shape; known: ${[...new Set(known)].join(', ')}`,
      )
    }
    const parts = terms.map(({ coefficient, factors }) => {
      const sizes = factors.map((name) => this.sizeTensor(name))
      if (coefficient !== 1 || sizes.length === 0) sizes.unshift(this.integers([coefficient]))
      return sizes.reduce((a, b) => this.node('Mul', [a, b], [1], 'int64'))
    })
    return parts.reduce((a, b) => this.node('Add', [a, b], [1], 'int64'))
  }
}
