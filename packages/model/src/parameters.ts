/**
 * Where a model definition gets its weights from. The definition asks for each weight by name, shape and
 * initialisation; the same definition therefore lists its weights, takes them as graph inputs when it is
 * trained and holds them as constants when it predicts.
 */
import type { Graph, Tensor } from '@posterior/graph'

/** How a weight starts. `fan-in` is normal with variance 1 / rows; `normal` takes a standard deviation. */
export type Initialisation =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'fan-in' }
  | { readonly kind: 'orthogonal-rows' }
  | { readonly kind: 'normal'; readonly sd: number }
  /** The quantiles of a standard normal at (k + 0.5) / length. */
  | { readonly kind: 'normal-quantiles' }

export interface ParameterSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly init: Initialisation
  /** Matrices inside blocks, as against embeddings, tokens, heads and vectors: optimisers may treat them apart. */
  readonly role: 'matrix' | 'other'
}

export interface ParameterSource {
  get(spec: ParameterSpec): Tensor
}

/** A named part of a model: asks for weights under a path such as `stage.0.query`. */
export class Scope {
  readonly graph: Graph
  readonly #source: ParameterSource
  readonly #path: string

  constructor(graph: Graph, source: ParameterSource, path = '') {
    this.graph = graph
    this.#source = source
    this.#path = path
  }

  child(name: string | number): Scope {
    return new Scope(this.graph, this.#source, `${this.#path}${name}.`)
  }

  /** Weight matrix [rows, columns] of a linear map x W. */
  matrix(name: string, rows: number, columns: number, init: Initialisation = { kind: 'fan-in' }): Tensor {
    return this.#get({ name, shape: [rows, columns], init, role: 'matrix' })
  }

  /** Any other weight: tokens, embeddings, biases. */
  weight(name: string, shape: readonly number[], init: Initialisation): Tensor {
    return this.#get({ name, shape, init, role: 'other' })
  }

  #get(spec: ParameterSpec): Tensor {
    return this.#source.get({ ...spec, name: `${this.#path}${spec.name}` })
  }
}

/** Makes every weight an input of the graph and records its specification, in order of first use. */
export class ParameterInputs implements ParameterSource {
  readonly specs: ParameterSpec[] = []
  readonly tensors: Tensor[] = []
  readonly #graph: Graph
  readonly #byName = new Map<string, Tensor>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  get(spec: ParameterSpec): Tensor {
    let tensor = this.#byName.get(spec.name)
    if (!tensor) {
      tensor = this.#graph.input(spec.name, spec.shape)
      this.#byName.set(spec.name, tensor)
      this.specs.push(spec)
      this.tensors.push(tensor)
    }
    return tensor
  }
}

/** A tensor of a checkpoint. */
export interface WeightTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Takes every weight from a checkpoint, as a constant of the graph. */
export class ParameterConstants implements ParameterSource {
  readonly #graph: Graph
  readonly #weights: ReadonlyMap<string, WeightTensor>
  readonly #byName = new Map<string, Tensor>()

  constructor(graph: Graph, weights: ReadonlyMap<string, WeightTensor>) {
    this.#graph = graph
    this.#weights = weights
  }

  get(spec: ParameterSpec): Tensor {
    let tensor = this.#byName.get(spec.name)
    if (tensor) return tensor
    const weight = this.#weights.get(spec.name)
    if (!weight) throw new Error(`the checkpoint has no weight "${spec.name}"`)
    if (weight.shape.join() !== spec.shape.join()) {
      throw new Error(
        `weight "${spec.name}" has shape [${weight.shape}] in the checkpoint, the architecture needs [${spec.shape}]`,
      )
    }
    tensor = this.#graph.constant(spec.name, spec.shape, weight.data)
    this.#byName.set(spec.name, tensor)
    return tensor
  }
}
