/** The optimiser of a run: Muon for the matrices inside blocks, AdamW for everything else, clipping and averaging. */

import { adamwStep } from './adamw.ts'
import type { ParameterLayout, ParameterSlot } from './flat-parameters.ts'
import { Muon } from './muon.ts'

export interface OptimizerOptions {
  /** 'muon' steps block matrices by Muon and the rest by AdamW; 'adamw' everything by AdamW. */
  readonly method: 'muon' | 'adamw'
  readonly muonLearningRate: number
  readonly adamLearningRate: number
  readonly weightDecay: number
  /** Largest global norm of the gradient; longer ones are scaled down to it. */
  readonly clipNorm: number
  /** Share of the old value in the average of weights. */
  readonly averageDecay: number
}

/** Everything that changes as the optimiser steps; flat vectors in the order of the parameter layout. */
export interface OptimizerState {
  readonly weights: Float32Array
  readonly average: Float32Array
  readonly mean: Float32Array
  readonly variance: Float32Array
  /** Steps taken, skipped ones not counted. */
  updates: number
}

export function initialState(weights: Float32Array): OptimizerState {
  return {
    weights,
    average: weights.slice(),
    mean: new Float32Array(weights.length),
    variance: new Float32Array(weights.length),
    updates: 0,
  }
}

export class Optimizer {
  readonly #options: OptimizerOptions
  readonly #muon: Muon | undefined
  readonly #adamSlots: readonly ParameterSlot[]

  private constructor(
    options: OptimizerOptions,
    muon: Muon | undefined,
    adamSlots: readonly ParameterSlot[],
  ) {
    this.#options = options
    this.#muon = muon
    this.#adamSlots = adamSlots
  }

  static async create(
    layout: ParameterLayout,
    options: OptimizerOptions,
    threads: number,
  ): Promise<Optimizer> {
    const isMatrix = ({ spec }: ParameterSlot) => options.method === 'muon' && spec.role === 'matrix'
    const matrices = layout.slots.filter(isMatrix)
    const muonOptions = { momentum: 0.95, weightDecay: options.weightDecay }
    const muon = matrices.length
      ? await Muon.create(matrices, layout.length, muonOptions, threads)
      : undefined
    const rest = layout.slots.filter((slot) => !isMatrix(slot))
    return new Optimizer(options, muon, rest)
  }

  /**
   * One update, in place on `state`; `gradient` is clipped in place.
   *
   * @param factor  of the schedule on both learning rates
   * @returns the gradient's norm before clipping; when it is not finite nothing was changed
   */
  async step(state: OptimizerState, gradient: Float32Array, factor: number): Promise<number> {
    const { clipNorm, adamLearningRate, muonLearningRate, weightDecay, averageDecay } = this.#options
    const norm = globalNorm(gradient)
    if (!Number.isFinite(norm)) return norm
    if (norm > clipNorm) scaleInPlace(gradient, clipNorm / norm)
    state.updates += 1
    const { weights, mean, variance, average, updates } = state
    await this.#muon?.step({ weights, gradient, momentum: mean }, muonLearningRate * factor)
    for (const slot of this.#adamSlots) {
      adamwStep({ weights, gradient, mean, variance }, slot, adamLearningRate * factor, updates, {
        beta1: 0.9,
        beta2: 0.98,
        epsilon: 1e-8,
        weightDecay: slot.spec.role === 'matrix' ? weightDecay : 0,
      })
    }
    // A short memory at first, so that the average does not drag the initial weights along.
    const decay = Math.min(averageDecay, updates / (updates + 10))
    for (let i = 0; i < average.length; i++) average[i] = decay * average[i]! + (1 - decay) * weights[i]!
    return norm
  }

  async release(): Promise<void> {
    await this.#muon?.release()
  }
}

/** Euclidean norm, summed in float64. */
export function globalNorm(vector: Float32Array): number {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!
  return Math.sqrt(sum)
}

function scaleInPlace(vector: Float32Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i]! *= factor
}
