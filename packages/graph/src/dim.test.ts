import { describe, expect, test } from 'vitest'
import { addDims, broadcastShapes, mulDims, ShapeError, sizeOf, substitute, termsOf } from './dim.ts'

describe('dimensions', () => {
  test('equal expressions have equal text, whatever their order', () => {
    expect(mulDims('n', 'B')).toBe(mulDims('B', 'n'))
    expect(addDims(16, 'n')).toBe(addDims('n', 16))
    expect(mulDims(addDims('n', 2), 'f')).toBe(addDims(mulDims('f', 2), mulDims('f', 'n')))
  })

  test('numbers stay numbers', () => {
    expect(mulDims(3, 4)).toBe(12)
    expect(addDims(3, 4)).toBe(7)
    expect(sizeOf([])).toBe(1)
    expect(sizeOf([2, 'n', 3])).toBe('6*n')
  })

  test('names are replaced by expressions', () => {
    expect(
      substitute(
        '2*s0 + s1',
        new Map<string, string | number>([
          ['s0', 'n'],
          ['s1', 5],
        ]),
      ),
    ).toBe('5 + 2*n')
  })

  test('terms can be read back', () => {
    expect(termsOf('3 + 2*B*n')).toEqual([
      { coefficient: 3, factors: [] },
      { coefficient: 2, factors: ['B', 'n'] },
    ])
  })

  test('what is no expression is refused by name', () => {
    expect(() => addDims('n-1', 2)).toThrow(ShapeError)
    expect(() => addDims('n-1', 2)).toThrow('"n-1"')
  })

  test('broadcasting follows ONNX, and says which sizes disagree', () => {
    expect(broadcastShapes(['n', 1, 3], [4, 1])).toEqual(['n', 4, 3])
    expect(() => broadcastShapes(['n', 3], ['m', 3])).toThrow('n against m')
  })
})
