/** Writes a graph as an ONNX ModelProto (onnx.proto, IR version 10, opset 20; field numbers are the specification's). */
import type { Dim } from '../dim.ts'
import type { AttributeValue, ElementType, Graph, GraphFunction, Node, Tensor } from '../graph.ts'
import { ProtoWriter } from './protobuf.ts'

/** Domain of the named functions that a file defines. */
export const FUNCTION_DOMAIN = 'posterior'
/** Domain of ONNX Runtime's own operators. */
export const ONNX_RUNTIME_DOMAIN = 'com.microsoft'

const IR_VERSION = 10
const OPSET = 20
const ELEMENT_TYPES: Record<ElementType, number> = { float32: 1, int64: 7, bool: 9 }
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 }

export interface TensorInfo {
  readonly name: string
  readonly type: ElementType
  /** Sizes; a string is a named size or an expression over named sizes. */
  readonly dims: readonly Dim[]
}

/** A serialised graph and what it takes and gives. */
export interface OnnxGraph {
  readonly bytes: Uint8Array
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
}

/** Serialise the part of `graph` that its outputs depend on; inputs that no output needs are left out. */
export function serialize(graph: Graph, options: { readonly name?: string } = {}): OnnxGraph {
  const { nodes, used } = reachable(graph)
  const functions = usedFunctions(graph, nodes)
  const inputs = graph.inputs.filter((input) => used.has(input))
  const names = new Names(graph)
  const writer = new ProtoWriter()
  writer.int(1, IR_VERSION).string(2, 'posterior')
  writer.message(7, (w) => {
    for (const node of nodes) w.message(1, (nested) => writeNode(nested, node, names))
    for (const copy of names.copies) w.message(1, (nested) => writeCopy(nested, copy))
    w.string(2, options.name ?? 'posterior')
    for (const { tensor, data } of graph.constants.values()) {
      if (used.has(tensor)) w.message(5, (nested) => writeTensor(nested, tensor, data))
    }
    for (const input of inputs) w.message(11, (nested) => writeValueInfo(nested, input.name, input))
    for (const { name, tensor } of graph.outputs)
      w.message(12, (nested) => writeValueInfo(nested, name, tensor))
  })
  for (const domain of ['', FUNCTION_DOMAIN, ONNX_RUNTIME_DOMAIN]) writeOpset(writer, 8, domain)
  for (const fn of functions) writer.message(25, (nested) => writeFunction(nested, fn))
  return {
    bytes: writer.finish(),
    inputs: inputs.map((input) => ({ name: input.name, type: input.type, dims: input.shape })),
    outputs: graph.outputs.map(({ name, tensor }) => ({ name, type: tensor.type, dims: tensor.shape })),
  }
}

/**
 * Names of values in the file. A computed value that is an output carries the output's name; inputs, constants and
 * values that are output twice are copied.
 */
class Names {
  readonly copies: { readonly from: string; readonly to: string }[] = []
  readonly #renamed = new Map<Tensor, string>()

  constructor(graph: Graph) {
    for (const { name, tensor } of graph.outputs) {
      if (tensor.producer && !this.#renamed.has(tensor)) this.#renamed.set(tensor, name)
    }
    for (const { name, tensor } of graph.outputs) {
      const from = this.of(tensor)
      if (from !== name) this.copies.push({ from, to: name })
    }
  }

  of(tensor: Tensor): string {
    return this.#renamed.get(tensor) ?? tensor.name
  }
}

function reachable(graph: Graph): { nodes: Node[]; used: Set<Tensor> } {
  const used = new Set<Tensor>()
  const needed = new Set<Node>()
  const pending = graph.outputs.map((output) => output.tensor)
  while (pending.length > 0) {
    const tensor = pending.pop()!
    if (used.has(tensor)) continue
    used.add(tensor)
    const node = tensor.producer
    if (!node || needed.has(node)) continue
    needed.add(node)
    for (const input of node.inputs) if (input) pending.push(input)
  }
  return { nodes: graph.nodes.filter((node) => needed.has(node)), used }
}

/** Functions that the nodes call, callees before callers. */
function usedFunctions(graph: Graph, nodes: readonly Node[]): GraphFunction[] {
  const byName = new Map([...graph.functions.values()].map((fn) => [fn.name, fn]))
  const ordered = new Set<GraphFunction>()
  const visit = (callers: readonly Node[]): void => {
    for (const node of callers) {
      const fn = node.domain === FUNCTION_DOMAIN ? byName.get(node.opType) : undefined
      if (!fn || ordered.has(fn)) continue
      visit(reachable(fn.body).nodes)
      ordered.add(fn)
    }
  }
  visit(nodes)
  return [...ordered]
}

function writeFunction(w: ProtoWriter, fn: GraphFunction): void {
  const { nodes, used } = reachable(fn.body)
  const names = new Names(fn.body)
  w.string(1, fn.name)
  for (const input of fn.body.inputs) w.string(4, input.name)
  for (const { name } of fn.body.outputs) w.string(5, name)
  for (const { tensor, data } of fn.body.constants.values()) {
    if (!used.has(tensor)) continue
    w.message(7, (nested) => {
      nested.string(2, tensor.name).string(4, 'Constant')
      nested.message(5, (attribute) => {
        attribute.string(1, 'value')
        attribute.message(5, (value) => writeTensor(value, tensor, data))
        attribute.int(20, 4)
      })
    })
  }
  for (const node of nodes) w.message(7, (nested) => writeNode(nested, node, names))
  for (const copy of names.copies) w.message(7, (nested) => writeCopy(nested, copy))
  w.string(8, fn.documentation)
  for (const domain of ['', FUNCTION_DOMAIN, ONNX_RUNTIME_DOMAIN]) writeOpset(w, 9, domain)
  w.string(10, FUNCTION_DOMAIN)
}

function writeOpset(w: ProtoWriter, field: number, domain: string): void {
  w.message(field, (nested) => nested.string(1, domain).int(2, domain === '' ? OPSET : 1))
}

function writeCopy(w: ProtoWriter, copy: { readonly from: string; readonly to: string }): void {
  w.string(1, copy.from).string(2, copy.to).string(4, 'Identity')
}

function writeNode(w: ProtoWriter, node: Node, names: Names): void {
  for (const input of node.inputs) w.string(1, input ? names.of(input) : '')
  for (const output of node.outputs) w.string(2, names.of(output))
  w.string(3, node.outputs[0]!.name).string(4, node.opType)
  for (const [name, value] of Object.entries(node.attributes)) {
    w.message(5, (nested) => writeAttribute(nested, name, value))
  }
  if (node.domain !== '') w.string(7, node.domain)
}

function writeAttribute(w: ProtoWriter, name: string, value: AttributeValue): void {
  w.string(1, name)
  if (typeof value === 'number') w.int(3, value).int(20, ATTRIBUTE.int)
  else if (typeof value === 'string') w.string(4, value).int(20, ATTRIBUTE.string)
  else if ('float' in value) w.float(2, value.float).int(20, ATTRIBUTE.float)
  else {
    for (const item of value) w.int(8, item)
    w.int(20, ATTRIBUTE.ints)
  }
}

function writeTensor(w: ProtoWriter, tensor: Tensor, data: Float32Array | BigInt64Array): void {
  for (const dim of tensor.shape) w.int(1, dim as number)
  w.int(2, ELEMENT_TYPES[tensor.type]).string(8, tensor.name)
  w.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function writeValueInfo(w: ProtoWriter, name: string, tensor: Tensor): void {
  w.string(1, name)
  w.message(2, (type) =>
    type.message(1, (tensorType) => {
      tensorType.int(1, ELEMENT_TYPES[tensor.type])
      tensorType.message(2, (shape) => {
        for (const dim of tensor.shape) {
          shape.message(1, (d) => (typeof dim === 'number' ? d.int(1, dim) : d.string(2, dim)))
        }
      })
    }),
  )
}
