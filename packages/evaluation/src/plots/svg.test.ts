import { expect, test } from 'vitest'
import { niceTicks, svgDocument, text, tickText } from './svg.ts'

test('ticks are round and span the values', () => {
  expect(niceTicks(0.12, 0.98)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(niceTicks(-0.03, 0.021)).toEqual([-0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03])
  expect(niceTicks(812, 1290)).toEqual([800, 900, 1000, 1100, 1200, 1300])
  expect(niceTicks(5, 5).length).toBeGreaterThan(1)
})

test('tick texts have the decimals that tell ticks apart', () => {
  expect(tickText(0.2, [0, 0.2])).toBe('0.2')
  expect(tickText(-0.02, [-0.03, -0.02])).toBe('-0.02')
  expect(tickText(1200, [1000, 1200])).toBe('1200')
})

test('what a name holds does not end a tag', () => {
  expect(text(0, 0, 'a<b & "c"')).toContain('a&#60;b &#38; &#34;c&#34;')
  expect(svgDocument({ width: 10, height: 10, title: '<x>' }, [])).not.toContain('<x>')
})
