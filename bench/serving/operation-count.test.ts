import { expect, test } from 'vitest'
import { countOperations, type TraceEvent } from './operation-count.ts'

function kernel(name: string, inputs: number[][], output: number[]): TraceEvent {
  return {
    cat: 'Node',
    args: {
      op_name: name,
      input_type_shape: inputs.map((shape) => ({ float: shape })),
      output_type_shape: [{ float: output }],
    },
  }
}

test('a matrix product counts two operations for each multiply-add', () => {
  expect(
    countOperations([
      kernel(
        'MatMul',
        [
          [64, 32],
          [32, 16],
        ],
        [64, 16],
      ),
    ]),
  ).toBe(2 * 64 * 32 * 16)
  expect(
    countOperations([
      kernel(
        'MatMul',
        [
          [3, 64, 32],
          [32, 16],
        ],
        [3, 64, 16],
      ),
    ]),
  ).toBe(3 * 2 * 64 * 32 * 16)
})

test('a transposed left side sums over its rows', () => {
  expect(
    countOperations([
      kernel(
        'FusedMatMul',
        [
          [32, 64],
          [32, 16],
        ],
        [64, 16],
      ),
    ]),
  ).toBe(2 * 64 * 32 * 16)
})

test('attention counts the scores and the product with the values', () => {
  const shapes = [
    [2, 10, 8],
    [2, 20, 8],
    [2, 20, 8],
  ]
  expect(countOperations([kernel('MultiHeadAttention', shapes, [2, 10, 8])])).toBe(2 * 2 * (2 * 10 * 20 * 8))
})

test('elementwise kernels and other events count nothing, and a trace without kernels is refused', () => {
  expect(countOperations([kernel('Add', [[4], [4]], [4]), { cat: 'Session' }])).toBe(0)
  expect(() => countOperations([{ cat: 'Session' }])).toThrow(/found none/)
})
