/** Reverse-mode differentiation: extends a graph by the gradient of a scalar. */
import { formatShape, ShapeError, sameShape } from './dim.ts'
import type { Node, Tensor } from './graph.ts'

/**
 * The gradients of a scalar with respect to each of `parameters`, in their order; null where it does not depend on one.
 *
 * @throws ShapeError when `loss` is not a scalar or when an operation on the way has no derivative
 */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): (Tensor | null)[] {
  if (loss.rank !== 0)
    throw new ShapeError(`the loss must be a scalar, it has shape ${formatShape(loss.shape)}`)
  const { graph } = loss
  const path = nodesOnPath(graph.nodes, new Set(parameters))
  const gradientOf = new Map<Tensor, Tensor>([[loss, graph.scalar(1)]])
  for (const node of path.nodes.reverse()) {
    const outputGradients = node.outputs.map((output) => gradientOf.get(output) ?? null)
    if (outputGradients.every((gradient) => gradient === null)) continue
    if (!node.vjp) throw new ShapeError(`operation ${node.opType} has no derivative`)
    const inputGradients = node.vjp(outputGradients)
    node.differentiated.forEach((input, i) => {
      const gradient = inputGradients[i]
      if (!input || !gradient || !path.dependent.has(input)) return
      accumulate(gradientOf, input, gradient)
    })
  }
  return parameters.map((parameter) => gradientOf.get(parameter) ?? null)
}

/** The nodes, in order, whose results depend on a parameter, and all dependent values. */
function nodesOnPath(nodes: readonly Node[], parameters: ReadonlySet<Tensor>) {
  const dependent = new Set<Tensor>(parameters)
  const onPath: Node[] = []
  for (const node of nodes) {
    // Shapes and indices carry no derivative, although they are computed from values that do.
    if (node.outputs.every((output) => output.type !== 'float32')) continue
    if (!node.differentiated.some((input) => input && dependent.has(input))) continue
    onPath.push(node)
    for (const output of node.outputs) dependent.add(output)
  }
  return { nodes: onPath, dependent }
}

function accumulate(gradientOf: Map<Tensor, Tensor>, value: Tensor, gradient: Tensor): void {
  if (!sameShape(value.shape, gradient.shape)) {
    throw new ShapeError(
      `gradient of ${value.name} has shape ${formatShape(gradient.shape)}, the value ${formatShape(value.shape)}`,
    )
  }
  const sofar = gradientOf.get(value)
  const total = sofar ? value.graph.node('Add', [sofar, gradient], value.shape, 'float32') : gradient
  gradientOf.set(value, total)
}
