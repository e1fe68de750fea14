import { normalQuantile, Random, type RegressionTargetState } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { applyTargetTransform, fitTargetTransform } from '../ensemble/target-transform.ts'
import type { RegressionOutput } from '../job.ts'
import { resolveOptions } from '../options.ts'
import { makeBorders } from '../output/bar-distribution.ts'
import { answerBorders, NumberAnswer } from './number-answer.ts'

const N = 255
const target: RegressionTargetState = {
  version: 1,
  task: 'regression',
  name: 'y',
  mean: 100,
  scale: 10,
  min: 50,
  max: 150,
}

function normalOutput(center: number, spread: number): Float32Array {
  return Float32Array.from({ length: N }, (_, k) => center + spread * normalQuantile((k + 0.5) / N))
}

function makeAnswer(output: RegressionOutput, rows: number, options = {}): NumberAnswer {
  const borders = makeBorders(Float64Array.from({ length: 100 }, (_, i) => 50 + i))
  const settings = resolveOptions('regression', options)
  return new NumberAnswer(target, { output, levels: [0.1, 0.5, 0.9], borders, settings }, rows)
}

function asMain(answer: NumberAnswer) {
  const values = answer.values()
  if (values.output !== 'main') throw new Error('main was asked for')
  return values
}

test('standardised quantiles come back in the unit of the target, unsorted ones too', () => {
  const answer = makeAnswer('main', 2)
  const sorted = normalOutput(0.5, 0.2)
  const shuffled = Random.fromSeed(1).shuffle(sorted.slice())
  answer.add(0, [sorted], [null])
  answer.add(1, [shuffled], [null])
  const { mean, median, quantiles } = asMain(answer)
  expect(mean[0]).toBeCloseTo(105, 4)
  expect(median[0]).toBeCloseTo(105, 4)
  expect(quantiles[2]![0]).toBeCloseTo(105 + 2 * normalQuantile(0.9), 2)
  expect([mean[1], median[1], quantiles[0]![1]]).toEqual([mean[0], median[0], quantiles[0]![0]])
})

test('members are mixed: their disagreement widens the answer, averaged quantiles do not', () => {
  const outputs = [normalOutput(-1, 0.1), normalOutput(1, 0.1)]
  const width = (options: object) => {
    const answer = makeAnswer('main', 1, options)
    answer.add(0, outputs, [null, null])
    const { mean, quantiles } = asMain(answer)
    expect(mean[0]).toBeCloseTo(100, 1)
    return quantiles[2]![0]! - quantiles[0]![0]!
  }
  expect(width({})).toBeGreaterThan(18)
  expect(width({ averageBeforeSoftmax: true })).toBeCloseTo(2 * normalQuantile(0.9), 2)
})

test('the temperature acts on each member, about its own mean', () => {
  const answer = makeAnswer('main', 1, { softmaxTemperature: 4 })
  answer.add(0, [normalOutput(0, 0.1)], [null])
  const { mean, quantiles } = asMain(answer)
  expect(mean[0]).toBeCloseTo(100, 3)
  expect(quantiles[2]![0]! - quantiles[0]![0]!).toBeCloseTo(2 * 2 * normalQuantile(0.9), 2)
})

test("a member's target transform is undone before members meet", () => {
  const random = Random.fromSeed('y')
  const skewed = Float64Array.from({ length: 400 }, () => Math.exp(random.normal()) - 1.6)
  const transform = fitTargetTransform(skewed)!
  const levels = Array.from({ length: N }, (_, k) => Math.exp(normalQuantile((k + 0.5) / N)) - 1.6)
  const plain = Float32Array.from(levels)
  const transformed = Float32Array.from(levels, (y) => applyTargetTransform(transform, y))
  const [one, both] = [makeAnswer('main', 1), makeAnswer('main', 1)]
  one.add(0, [plain], [null])
  both.add(0, [plain, transformed], [null, transform])
  expect(asMain(both).mean[0]).toBeCloseTo(asMain(one).mean[0]!, 1)
  expect(asMain(both).quantiles[2]![0]).toBeCloseTo(asMain(one).quantiles[2]![0]!, 3)
})

test('chunks land on their rows and only what was asked for is kept', () => {
  const answer = makeAnswer('mode', 3)
  answer.add(2, [normalOutput(2, 0.1)], [null])
  answer.add(0, [Float32Array.from([...normalOutput(0, 0.1), ...normalOutput(1, 0.1)])], [null])
  const values = answer.values()
  expect(values.output).toBe('mode')
  const rows = values.output === 'mode' ? [...values.values] : []
  expect(rows.map(Math.round)).toEqual([100, 110, 120])
})

test('full holds a distribution per row over shared borders', () => {
  const answer = makeAnswer('full', 2)
  answer.add(0, [Float32Array.from([...normalOutput(0, 0.3), ...normalOutput(-2, 0.1)])], [null])
  const values = answer.values()
  if (values.output !== 'full') throw new Error('full was asked for')
  const buckets = values.borders.length - 1
  expect(values.logits).toHaveLength(2 * buckets)
  for (let row = 0; row < 2; row++) {
    const masses = values.logits.subarray(row * buckets, (row + 1) * buckets).map(Math.exp)
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9)
    const mean = masses.reduce(
      (sum, mass, i) => sum + (mass * (values.borders[i]! + values.borders[i + 1]!)) / 2,
      0,
    )
    expect(mean).toBeCloseTo(values.mean[row]!, 1)
  }
})

test('a target that never varied has one bucket and the constant in every place', () => {
  const constant = { ...target, mean: 7, scale: 0 }
  const borders = answerBorders(constant, [])
  const settings = resolveOptions('regression')
  const answer = new NumberAnswer(constant, { output: 'full', levels: [0.5], borders, settings }, 2)
  answer.fillConstant()
  expect(answer.values()).toMatchObject({
    mean: Float64Array.of(7, 7),
    mode: Float64Array.of(7, 7),
    quantiles: [Float64Array.of(7, 7)],
    logits: Float64Array.of(0, 0),
  })
})
