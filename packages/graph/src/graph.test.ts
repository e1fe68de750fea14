import { describe, expect, test } from 'vitest'
import { attention } from './functions/attention.ts'
import { rmsNorm } from './functions/rms-norm.ts'
import { gradients } from './gradients.ts'
import { Graph } from './graph.ts'
import { serialize } from './onnx/model-proto.ts'
import { add, mul } from './ops/elementwise.ts'
import { concat, reshape, transpose } from './ops/layout.ts'
import { matmul } from './ops/matmul.ts'
import { meanAll } from './ops/mean.ts'
import { sumAll } from './ops/sum.ts'

describe('shapes that do not fit are refused where they are written, with both shapes', () => {
  const graph = new Graph()
  const a = graph.input('a', ['n', 3])

  test.each([
    ['matmul', () => matmul(a, graph.input('b', [4, 2])), '[n, 3] by [4, 2]'],
    ['reshape', () => reshape(a, ['n', 4]), '[n, 3] to [n, 4]'],
    ['add', () => add(a, graph.input('c', ['m', 3])), 'n against m'],
    ['transpose', () => transpose(a, [0, 0]), '[0, 0] does not permute'],
    ['concat', () => concat([a, graph.input('d', ['n', 2])], 0), 'cannot concatenate [n, 2] to [n, 3]'],
    [
      'attention',
      () =>
        attention(reshape(a, ['n', 1, 3]), reshape(a, ['n', 1, 3]), reshape(a, ['n', 1, 3]), {
          heads: 2,
          scale: 1,
        }),
      '2 heads',
    ],
    ['constant', () => graph.constant('e', [2, 2], new Float32Array(3)), '3 values'],
    ['another graph', () => add(a, new Graph().input('f', ['n', 3])), 'another graph'],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(message)
  })
})

describe('serialize', () => {
  test('writes only what the outputs need', () => {
    const graph = new Graph()
    const x = graph.input('x', ['n', 2])
    const unused = graph.input('unused', ['n', 2])
    graph.output('y', mul(x, 2))
    mul(unused, graph.constant('weight', [2], new Float32Array(2)))
    const { inputs, outputs, bytes } = serialize(graph)
    expect(inputs.map(({ name }) => name)).toEqual(['x'])
    expect(outputs).toEqual([{ name: 'y', type: 'float32', dims: ['n', 2] }])
    expect(Buffer.from(bytes).includes('weight')).toBe(false)
  })

  test('calls of one shape share a function, calls of another shape have their own', () => {
    const graph = new Graph()
    const a = rmsNorm(graph.input('a', ['n', 8]))
    const b = rmsNorm(graph.input('b', ['m', 8]))
    const c = rmsNorm(graph.input('c', ['n', 4]))
    graph.output('sum', add(add(sumAll(a), sumAll(b)), sumAll(c)))
    expect([...graph.functions.values()].map(({ name }) => name)).toEqual(['RmsNorm_1', 'RmsNorm_2'])
  })

  test('the same program gives the same bytes', () => {
    const build = () => {
      const graph = new Graph()
      graph.output('y', meanAll(rmsNorm(graph.input('x', ['n', 8]))))
      return serialize(graph).bytes
    }
    expect(Buffer.from(build()).equals(Buffer.from(build()))).toBe(true)
  })
})

describe('gradients', () => {
  test('are null where the loss does not depend on a value', () => {
    const graph = new Graph()
    const [x, y] = [graph.input('x', [2]), graph.input('y', [2])]
    const [dx, dy] = gradients(sumAll(mul(x, x)), [x, y])
    expect(dx).not.toBeNull()
    expect(dy).toBeNull()
  })

  test('need a scalar', () => {
    const graph = new Graph()
    const x = graph.input('x', [2])
    expect(() => gradients(mul(x, 2), [x])).toThrow('must be a scalar')
  })
})
