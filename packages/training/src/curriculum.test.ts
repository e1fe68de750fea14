import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { planStep, rangesOf } from './curriculum.ts'
import { defaultTrainingConfig, validateTrainingConfig } from './run/training-config.ts'

const { plan } = defaultTrainingConfig()
const planOf = (step: number, seed = 1) => planStep(plan, step, Random.fromSeed(seed, 'plan', step))

describe('a step of the curriculum', () => {
  test('is a function of its number and seed', () => {
    expect(planOf(2000)).toEqual(planOf(2000))
    expect(planOf(2000)).not.toEqual(planOf(2001))
  })

  test('keeps to the sizes of its phase', () => {
    for (const step of [1, 249, 250, 1199, 1200, 5000]) {
      const phase = plan.phases.find(({ untilStep }) => untilStep === undefined || step < untilStep)!
      for (let seed = 0; seed < 50; seed++) {
        for (const spec of planOf(step, seed)) {
          expect(spec.stage).toBe(phase.stage)
          expect(spec.features).toBeGreaterThanOrEqual(phase.columns[0])
          expect(spec.features).toBeLessThanOrEqual(phase.columns[1])
          const cells = (spec.train + spec.test) * spec.features
          expect(cells).toBeLessThanOrEqual(
            Math.max(phase.maxCells, phase.rows[0] * spec.features) + spec.features,
          )
          expect(spec.batch * cells).toBeLessThanOrEqual(
            Math.max(plan.cellsPerMicroBatch, cells) + spec.batch * spec.features,
          )
        }
      }
    }
  })

  test('has one task, classification in its share of steps', () => {
    const tasks = Array.from({ length: 1000 }, (_, step) => planOf(step + 1))
    for (const specs of tasks) expect(new Set(specs.map(({ task }) => task)).size).toBe(1)
    const share = tasks.filter(([spec]) => spec!.task === 'classification').length / 1000
    expect(share).toBeGreaterThan(0.55)
    expect(share).toBeLessThan(0.65)
  })
})

test('the ranges of a plan hold every table that it draws', () => {
  const { rows, columns, classes } = rangesOf(plan)
  expect(classes).toEqual([2, 10])
  for (let step = 1; step < 3000; step += 7) {
    for (const spec of planOf(step)) {
      expect(spec.train).toBeGreaterThanOrEqual(rows[0])
      expect(spec.train).toBeLessThanOrEqual(rows[1])
      expect(spec.features).toBeGreaterThanOrEqual(columns[0])
      expect(spec.features).toBeLessThanOrEqual(columns[1])
    }
  }
})

describe('a training configuration from outside', () => {
  test.each([
    [{ name: '../elsewhere' }, 'name must be'],
    [{ budget: { steps: 0 } }, 'budget must be more than 0'],
    [{ plan: { ...plan, phases: [{ ...plan.phases[0]!, untilStep: 5 }] } }, 'last phase without untilStep'],
    [{ schedule: { warmupSteps: 1, decayShare: 1 } }, 'decayShare must be between 0 and 1'],
  ])('is refused with the field named: %o', (change, message) => {
    expect(() => validateTrainingConfig({ ...defaultTrainingConfig(), ...change })).toThrow(message)
  })
})
