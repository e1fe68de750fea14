import { type ModelConfig, PRESETS } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { adamwStep } from './adamw.ts'
import { ParameterLayout } from './flat-parameters.ts'
import { globalNorm, initialState, Optimizer, type OptimizerOptions } from './optimizer.ts'
import { decaySteps, learningRateFactor } from './schedule.ts'

const TINY: ModelConfig = { ...PRESETS.nano, cellWidth: 8, inducingPoints: 2, rowLayers: 1 }
const OPTIONS: OptimizerOptions = {
  method: 'muon',
  muonLearningRate: 0.01,
  adamLearningRate: 0.01,
  weightDecay: 0,
  clipNorm: 1,
  averageDecay: 0.99,
}

function randomVector(seed: string, length: number): Float32Array {
  const random = Random.fromSeed(seed)
  return Float32Array.from({ length }, () => random.normal())
}

describe('AdamW', () => {
  test('follows the published update, worked by hand for two steps', () => {
    const state = {
      weights: Float32Array.from([1]),
      gradient: Float32Array.from([0.5]),
      mean: new Float32Array(1),
      variance: new Float32Array(1),
    }
    const options = { beta1: 0.9, beta2: 0.98, epsilon: 0, weightDecay: 0.1 }
    adamwStep(state, { offset: 0, length: 1 }, 0.01, 1, options)
    // The first corrected moments are g and g^2, so the step is lr sign(g): 1 (1 - 0.001) - 0.01.
    expect(state.weights[0]).toBeCloseTo(0.989, 6)
    state.gradient[0] = -1
    adamwStep(state, { offset: 0, length: 1 }, 0.01, 2, options)
    const mean = (0.9 * 0.05 - 0.1) / (1 - 0.81)
    const variance = (0.98 * 0.02 * 0.25 + 0.02) / (1 - 0.98 ** 2)
    expect(state.weights[0]).toBeCloseTo(0.989 * 0.999 - (0.01 * mean) / Math.sqrt(variance), 6)
  })

  test('leaves what is outside of its range alone', () => {
    const state = {
      weights: randomVector('w', 10),
      gradient: randomVector('g', 10),
      mean: new Float32Array(10),
      variance: new Float32Array(10),
    }
    const before = state.weights.slice()
    adamwStep(state, { offset: 3, length: 4 }, 0.1, 1, {
      beta1: 0.9,
      beta2: 0.98,
      epsilon: 1e-8,
      weightDecay: 0,
    })
    const changed = [...state.weights].map((w, i) => w !== before[i])
    expect(changed).toEqual([false, false, false, true, true, true, true, false, false, false])
  })
})

describe('the schedule', () => {
  const schedule = { warmupSteps: 10, decayShare: 0.25 }

  test('rises, stays and falls to zero at the end', () => {
    expect(learningRateFactor(schedule, 5, null)).toBe(0.5)
    expect(learningRateFactor(schedule, 500, null)).toBe(1)
    expect(decaySteps(schedule, 300)).toBe(100)
    expect(learningRateFactor(schedule, 300, 300)).toBe(1)
    expect(learningRateFactor(schedule, 350, 300)).toBe(0.5)
    expect(learningRateFactor(schedule, 400, 300)).toBe(0)
  })
})

describe('the optimiser', () => {
  const layout = new ParameterLayout(TINY)

  test('a Muon step moves a matrix by a nearly orthogonal matrix of a known size', async () => {
    const optimizer = await Optimizer.create(layout, OPTIONS, 1)
    const state = initialState(new Float32Array(layout.length))
    const gradient = randomVector('gradient', layout.length)
    await optimizer.step(state, gradient, 1)
    await optimizer.release()
    const name = 'stage.0.spread.mlp.up'
    const [rows, columns] = layout.slot(name).spec.shape as [number, number]
    const update = layout.view(state.weights, name)
    const scale = 0.01 * 0.2 * Math.sqrt(Math.max(rows, columns))
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b < rows; b++) {
        let product = 0
        for (let j = 0; j < columns; j++) product += update[a * columns + j]! * update[b * columns + j]!
        const gram = product / scale ** 2
        // Five iterations bring the singular values into about 0.7 to 1.2.
        if (a === b) expect(gram).toBeGreaterThan(0.4)
        expect(Math.abs(gram - (a === b ? 1 : 0))).toBeLessThan(0.6)
      }
    }
  })

  test('clips the gradient to the global norm, for all weights together', async () => {
    const optimizer = await Optimizer.create(layout, { ...OPTIONS, method: 'adamw' }, 1)
    const gradient = randomVector('gradient', layout.length)
    const before = globalNorm(gradient)
    expect(await optimizer.step(initialState(new Float32Array(layout.length)), gradient, 1)).toBeCloseTo(
      before,
      6,
    )
    expect(globalNorm(gradient)).toBeCloseTo(1, 5)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a gradient with %d changes nothing', async (value) => {
    const optimizer = await Optimizer.create(layout, OPTIONS, 1)
    const state = initialState(randomVector('weights', layout.length))
    const before = structuredClone(state)
    const gradient = randomVector('gradient', layout.length)
    gradient[17] = value
    expect(Number.isFinite(await optimizer.step(state, gradient, 1))).toBe(false)
    expect(state).toEqual(before)
    await optimizer.release()
  })

  test('the norm of a long gradient is summed in float64', () => {
    const long = new Float32Array(3_000_000).fill(0.1)
    expect(globalNorm(long) / (Math.fround(0.1) * Math.sqrt(3_000_000))).toBeCloseTo(1, 9)
  })
})
