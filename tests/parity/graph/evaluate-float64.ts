/**
 * Runs a graph in float64, one node after the other: the reference that the numeric tests hold ONNX Runtime's float32
 * against. Slow and literal on purpose.
 */
import type { Graph, Node, Tensor } from '@posterior/graph'
import { type Dense, dense, OPERATORS } from './float64-operators.ts'

/** Values of the graph's outputs by name. */
export function evaluateFloat64(graph: Graph, feeds: Readonly<Record<string, Dense>>): Record<string, Dense> {
  const values = new Map<Tensor, Dense>()
  for (const input of graph.inputs) {
    const value = feeds[input.name]
    if (value) values.set(input, value)
  }
  for (const { tensor, data } of graph.constants.values()) {
    values.set(
      tensor,
      dense(Float64Array.from(data as Iterable<number | bigint>, Number), tensor.shape as number[]),
    )
  }
  const needed = neededNodes(graph)
  for (const node of graph.nodes) if (needed.has(node)) evaluateNode(graph, node, values)
  return Object.fromEntries(graph.outputs.map(({ name, tensor }) => [name, values.get(tensor)!]))
}

function evaluateNode(graph: Graph, node: Node, values: Map<Tensor, Dense>): void {
  const inputs = node.inputs.map((input) => (input ? values.get(input)! : undefined))
  const fn = [...graph.functions.values()].find(({ name }) => name === node.opType)
  if (fn) {
    const formals = fn.body.inputs.map((formal, i) => [formal.name, inputs[i]!])
    const results = evaluateFloat64(fn.body, Object.fromEntries(formals))
    for (const [i, output] of node.outputs.entries()) values.set(output, results[`out${i}`]!)
    return
  }
  const operator = OPERATORS[node.opType]
  if (!operator) throw new Error(`no float64 reference for ${node.opType}`)
  const results = operator(inputs as Dense[], node.attributes)
  for (const [i, output] of node.outputs.entries()) values.set(output, results[i]!)
}

function neededNodes(graph: Graph): Set<Node> {
  const needed = new Set<Node>()
  const pending = graph.outputs.map(({ tensor }) => tensor)
  while (pending.length > 0) {
    const node = pending.pop()!.producer
    if (!node || needed.has(node)) continue
    needed.add(node)
    for (const input of node.inputs) if (input) pending.push(input)
  }
  return needed
}
