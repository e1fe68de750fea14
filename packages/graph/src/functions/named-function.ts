/**
 * Named functions: a part of the graph that stays visible in the file under its name (attention, norms, activations),
 * so that another runtime can map it to its fast kernel. ONNX Runtime inlines those that it does not lower.
 */
import { type Dim, namesIn, type Shape, substitute } from '../dim.ts'
import { Graph, type GraphFunction, type NodeOptions, type Tensor } from '../graph.ts'
import { FUNCTION_DOMAIN } from '../onnx/model-proto.ts'

export interface NamedFunction {
  /** Name in the file; each distinct signature gets a number appended. */
  readonly name: string
  /** Fixed parameters, written into the function's documentation as JSON. */
  readonly parameters?: Readonly<Record<string, number>>
  /** Builds the body from formal inputs that have the shapes of the call's inputs. */
  readonly body: (...inputs: Tensor[]) => Tensor[]
}

/** Call a named function: one node with the outputs of the body. */
export function callFunction(
  fn: NamedFunction,
  inputs: readonly Tensor[],
  options: Pick<NodeOptions, 'vjp' | 'differentiated'> = {},
): Tensor[] {
  const { graph } = inputs[0]!
  const { formals, names } = renameSizes(inputs.map((input) => input.shape))
  const signature = JSON.stringify([fn.name, fn.parameters, formals])
  let definition = graph.functions.get(signature)
  if (!definition) {
    definition = define(fn, formals, graph)
    graph.functions.set(signature, definition)
  }
  const outputs = definition.body.outputs.map(({ tensor }) => ({
    shape: tensor.shape.map((dim) => substitute(dim, names)),
    type: tensor.type,
  }))
  return graph.nodeWithOutputs(definition.name, inputs, outputs, { domain: FUNCTION_DOMAIN, ...options })
}

function define(fn: NamedFunction, formals: readonly Shape[], caller: Graph): GraphFunction {
  const body = new Graph({ lowering: caller.lowering })
  const outputs = fn.body(...formals.map((shape, i) => body.input(`in${i}`, shape)))
  outputs.forEach((tensor, i) => {
    body.output(`out${i}`, tensor)
  })
  const name = `${fn.name}_${caller.functions.size + 1}`
  const documentation = JSON.stringify({
    function: fn.name,
    parameters: fn.parameters ?? {},
    inputs: formals,
  })
  return { name, documentation, body }
}

/**
 * Give each distinct symbolic dimension a short name of its own, so that calls that differ only in how their sizes are
 * called share one definition.
 */
function renameSizes(shapes: readonly Shape[]): { formals: Shape[]; names: Map<string, Dim> } {
  const short = new Map<Dim, string>()
  const names = new Map<string, Dim>()
  const formals = shapes.map((shape) =>
    shape.map((dim) => {
      if (typeof dim === 'number' || namesIn(dim).length === 0) return dim
      let name = short.get(dim)
      if (!name) {
        name = `s${short.size}`
        short.set(dim, name)
        names.set(name, dim)
      }
      return name
    }),
  )
  return { formals, names }
}
