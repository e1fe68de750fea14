import { test } from 'vitest'
import { expectClose } from '../../../../tests/support/predictor-fixture.ts'
import { blendProbabilities, shapeProbabilities } from './class-blend.ts'

const first = Float64Array.of(0.8, 0.2, 0.5, 0.5)
const second = Float64Array.of(0.4, 0.6, 0.1, 0.9)

test('the blend is the weighted mean of the parts', () => {
  const out = new Float64Array(4)
  const options = { weights: [0.75, 0.25], temperature: 1, balanceBy: null }
  blendProbabilities([first, second], 2, options, out)
  expectClose(out, [0.7, 0.3, 0.4, 0.6], 1e-12)
})

test('temperature flattens or sharpens, balancing divides by frequency, and rows sum to 1', () => {
  const flat = first.slice()
  shapeProbabilities(flat, 2, { temperature: 2, balanceBy: null })
  expectClose(flat, [2 / 3, 1 / 3, 0.5, 0.5], 1e-12)
  const balanced = first.slice()
  shapeProbabilities(balanced, 2, { temperature: 1, balanceBy: [0.8, 0.2] })
  expectClose(balanced, [0.5, 0.5, 0.2, 0.8], 1e-12)
})
