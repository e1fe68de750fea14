import { describe, expect, test } from 'vitest'
import { JsonReader } from './json-reader.ts'

const LIMITS = { maxDepth: 10, maxValues: 1000 }

function read(text: string | Uint8Array, pieceBytes = 1_000_000, limits = LIMITS): unknown {
  const bytes = Buffer.from(text as string)
  const reader = new JsonReader(limits)
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.write(bytes.subarray(at, at + pieceBytes))
  return reader.finish()
}

const SAMPLES = [
  '{}',
  '[]',
  ' { "a" : [ 1 , -2.5e-3 , 0 , true , false , null ] , "b" : { "c" : [ [ ] , { } ] } } \n',
  '"plain é 😀 text"',
  '"\\u00e9\\n\\"\\\\ \\ud83d\\ude00"',
  '[1e400, -0, 123456789012345678901234567890]',
  '{"a":1,"a":2,"constructor":3}',
  '7',
]

describe('what JSON.parse reads is read the same', () => {
  test.each(SAMPLES)('%s', (text) => {
    for (const pieceBytes of [1, 2, 3, 7, 1000]) expect(read(text, pieceBytes)).toEqual(JSON.parse(text))
  })
})

describe('what JSON.parse refuses is refused', () => {
  const broken = [
    '',
    ' ',
    '{',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '[1}',
    '{"a":1]',
    ']',
    '1 2',
    '"open',
    '"bad \\x escape"',
    '"line\nbreak"',
    '01',
    '+1',
    '1.',
    '.5',
    '--1',
    'nul',
    'undefined',
    '[1]x',
    "'a'",
    '{"a" 1}',
    '{"a"::1}',
    '[nan]',
    '{1:2}',
    '{"a":1 "b":2}',
    '"a""b"',
  ]
  test.each(broken)('%j', (text) => {
    expect(() => JSON.parse(text)).toThrow()
    for (const pieceBytes of [1, 1000]) {
      expect(() => read(text, pieceBytes)).toThrow(expect.objectContaining({ code: 'MALFORMED_JSON' }))
    }
  })
})

test('bare NaN is a missing value and bare infinities are numbers, while the same words as text stay text', () => {
  const text = '[NaN, Infinity, -Infinity, "NaN", "Infinity", {"NaN": NaN}]'
  const expected = [null, Infinity, -Infinity, 'NaN', 'Infinity', { NaN: null }]
  for (const pieceBytes of [1, 3, 1000]) expect(read(text, pieceBytes)).toEqual(expected)
})

test('a message says where reading failed, also in a later piece', () => {
  expect(() => read('{"a": [1, x]}', 4)).toThrow(/"x" is no value, at byte 11/)
})

test('text that is not UTF-8 is refused', () => {
  expect(() => read(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/not UTF-8/)
})

test('the key that could reach the prototype is refused', () => {
  expect(() => read('{"__proto__": {"x": 1}}')).toThrow(/__proto__/)
})

test('depth and number of values are limited while reading', () => {
  expect(() => read('['.repeat(11))).toThrow(/more than 10 arrays/)
  expect(read(`${'['.repeat(10)}${']'.repeat(10)}`)).toBeDefined()
  expect(() => read(`[${'1,'.repeat(1000)}`)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }))
  expect(() => read('9'.repeat(500))).toThrow(/too long/)
})
