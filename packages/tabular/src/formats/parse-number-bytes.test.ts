import { expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { parseNumber } from '../table/parse-cell.ts'
import { NumberBytes } from './parse-number-bytes.ts'

test('numbers read from bytes never differ from numbers read from text', () => {
  const rng = Random.fromSeed('number bytes')
  const fast = new NumberBytes()
  let taken = 0
  for (let trial = 0; trial < 20_000; trial++) {
    const length = rng.int(1, 12)
    const text = Array.from({ length }, () =>
      rng.choice([...'0123456789012345678901234567890123456789..+-eE, x']),
    ).join('')
    const value = fast.parse(Buffer.from(text), 0, length)
    if (Number.isNaN(value)) continue
    taken++
    expect(value).toBe(parseNumber(text))
    expect(fast.isInteger).toBe(!text.includes('.'))
  }
  expect(taken).toBeGreaterThan(3000)
})
