/**
 * Composed models: the gradient of every block against float64 central differences, ONNX Runtime's float32 against a
 * float64 run of the same graph, and no weight that nothing is learned for.
 */
import { openSession } from '@posterior/engine/runtime'
import { serialize } from '@posterior/graph'
import { BLOCKS, defineStep, initialWeights, parameterSpecs } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { describe, expect, test } from 'vitest'
import { SMALL_COMPOSITIONS } from '../../support/compositions.ts'
import { evaluateFloat64 } from './evaluate-float64.ts'
import { type Dense, dense } from './float64-operators.ts'
import { relativeError } from './run-graph.ts'
import { toFloat64, trainingTable } from './training-table.ts'

test('every block there is takes part', () => {
  const used = Object.values(SMALL_COMPOSITIONS).flatMap(({ blocks }) => blocks.map(({ type }) => type))
  expect([...new Set(used)].sort()).toEqual(BLOCKS.map(({ type }) => type).sort())
})

describe.each(Object.entries(SMALL_COMPOSITIONS))('%s', (_name, config) => {
  const { task } = config
  const { graph, parameters } = defineStep(config, task, 'differentiable')
  const random = Random.fromSeed('composition weights')
  const weights = initialWeights(config, random)
  for (const { data } of weights.values()) {
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal()
  }
  const feeds = {
    ...trainingTable(task, { batch: 2, train: 9, test: 4, features: 3 }),
    ...Object.fromEntries(
      [...weights].map(([name, { data, shape }]) => [name, { data, dims: [...shape] }] as const),
    ),
  }
  const inputs = toFloat64(feeds)
  const exact = evaluateFloat64(graph, inputs)

  test('every weight is trained', () => {
    expect(parameters.map(({ name }) => name).sort()).toEqual(
      parameterSpecs(config)
        .map(({ name }) => name)
        .sort(),
    )
    for (const { name } of parameters) {
      expect(
        exact[`grad.${name}`]!.data.some((value) => Math.abs(value) > 1e-9),
        name,
      ).toBe(true)
    }
  })

  test('its gradients are the slopes of the float64 loss', () => {
    const draw = Random.fromSeed('direction', task)
    for (let trial = 0; trial < 3; trial++) {
      const direction = parameters.map(({ name }) => inputs[name]!.data.map(() => draw.normal()))
      const along = (t: number) => {
        const moved: Record<string, Dense> = { ...inputs }
        parameters.forEach(({ name }, i) => {
          const { data, dims } = inputs[name]!
          moved[name] = dense(
            data.map((value, j) => value + t * direction[i]![j]!),
            dims,
          )
        })
        return evaluateFloat64(graph, moved)['loss']!.data[0]!
      }
      const slope = (along(1e-5) - along(-1e-5)) / 2e-5
      const predicted = parameters.reduce((sum, { name }, i) => {
        const gradient = exact[`grad.${name}`]!.data
        return sum + gradient.reduce((partial, value, j) => partial + value * direction[i]![j]!, 0)
      }, 0)
      expect(Math.abs(predicted - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)))
    }
  })

  test('float32 agrees with float64', async () => {
    const session = await openSession(serialize(graph).bytes, { threads: 1 })
    const used = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]))
    const actual = await session.run(used)
    await session.release()
    expect(relativeError(actual['loss']!.data as Float32Array, exact['loss']!.data)).toBeLessThan(1e-6)
    const join = (values: (name: string) => ArrayLike<number>) =>
      parameters.flatMap(({ name }) => Array.from(values(`grad.${name}`)))
    const error = relativeError(
      join((name) => actual[name]!.data as Float32Array),
      join((name) => exact[name]!.data),
    )
    expect(error).toBeLessThan(5e-6)
  })
})
