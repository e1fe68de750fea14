import { expect, test } from 'vitest'
import { combineCrc32c, crc32c, encodeCrc32c } from './crc32c.ts'

const text = (value: string) => new TextEncoder().encode(value)

test.each([
  ['', 'AAAAAA=='],
  ['123456789', '4waSgw=='],
  ['hello world', 'yZRlqg=='],
])('the checksum of %j is %s', (value, expected) => {
  expect(encodeCrc32c(crc32c(text(value)))).toBe(expected)
})

const bytes = Uint8Array.from({ length: 10_007 }, (_, i) => (i * i * 31 + (i >>> 3)) & 0xff)

test('splitting the input anywhere gives the same checksum', () => {
  const whole = crc32c(bytes)
  for (const cut of [0, 1, 7, 8, 9, 4096, 10_006, 10_007]) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole)
  }
})

test('the checksum of joined parts follows from those of the parts', () => {
  const whole = crc32c(bytes)
  for (const cut of [0, 1, 8, 255, 256, 9_999, 10_007]) {
    const [head, tail] = [bytes.subarray(0, cut), bytes.subarray(cut)]
    expect(combineCrc32c(crc32c(head), crc32c(tail), tail.length)).toBe(whole)
  }
})

test('combining works for lengths beyond 32 bits', () => {
  // Zero bytes in two steps equal zero bytes at once, so associativity checks lengths too large to hash here.
  const crc = crc32c(text('abc'))
  const far = 2 ** 33 + 12_345
  const zeros = (n: number, from: number) => combineCrc32c(from, 0, n)
  expect(zeros(far, zeros(5, crc))).toBe(zeros(far + 5, crc))
})
