/** All weights of a model in one flat float32 vector, with a view for each. */
import {
  type ModelConfig,
  type ParameterSpec,
  parameterSpecs,
  type Weights,
  type WeightTensor,
} from '@posterior/model'

export interface ParameterSlot {
  readonly spec: ParameterSpec
  /** Where the weight's values start in the flat vector, and how many there are. */
  readonly offset: number
  readonly length: number
}

export class ParameterLayout {
  readonly slots: readonly ParameterSlot[]
  readonly length: number
  readonly #byName: ReadonlyMap<string, ParameterSlot>

  constructor(config: ModelConfig) {
    let offset = 0
    this.slots = parameterSpecs(config).map((spec) => {
      const length = spec.shape.reduce((a, b) => a * b, 1)
      const slot = { spec, offset, length }
      offset += length
      return slot
    })
    this.length = offset
    this.#byName = new Map(this.slots.map((slot) => [slot.spec.name, slot]))
  }

  slot(name: string): ParameterSlot {
    const slot = this.#byName.get(name)
    if (!slot) throw new Error(`the model has no weight "${name}"`)
    return slot
  }

  /** The part of a flat vector that belongs to a weight; writes go through. */
  view(flat: Float32Array, name: string): Float32Array {
    const { offset, length } = this.slot(name)
    return flat.subarray(offset, offset + length)
  }

  /** Copies of all weights by name, as a checkpoint holds them. */
  toWeights(flat: Float32Array): Map<string, WeightTensor> {
    return new Map(
      this.slots.map(({ spec, offset, length }) => [
        spec.name,
        { shape: spec.shape, data: flat.slice(offset, offset + length) },
      ]),
    )
  }

  fromWeights(weights: Weights): Float32Array {
    const flat = new Float32Array(this.length)
    for (const { spec, offset } of this.slots) {
      const weight = weights.get(spec.name)
      if (!weight) throw new Error(`weight "${spec.name}" is missing`)
      flat.set(weight.data, offset)
    }
    return flat
  }
}
