import { expect, test } from 'vitest'
import { requirePrior } from './catalogue.ts'
import { samplePrior } from './sample-prior.ts'
import { samplesDocument } from './samples-document.ts'

test('a sample has its seed and every declared output, as lists of the declared shape', () => {
  const samples = samplePrior(requirePrior('linear-regression'), {
    count: 2,
    seed: 5,
    overrides: { num_points: 60 },
  })
  const document = samplesDocument(samples)
  expect(document).toMatchObject({ prior_id: 'linear_regression', overrides: { num_points: 60 } })
  expect(document.samples.map(({ seed }) => seed)).toEqual([5, 6])
  const [first] = document.samples as { X: number[][]; y: number[]; a_true: number }[]
  expect([first!.X.length, first!.X[0]!.length, first!.y.length, typeof first!.a_true]).toEqual([
    60,
    1,
    60,
    'number',
  ])
  expect(first!.X[7]![0]).toBe(samples.samples[0]!.values['X']!.data[7])
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})

test('what JSON cannot hold is null', () => {
  const samples = samplePrior(requirePrior('linear-regression'), { count: 1 })
  samples.samples[0]!.values['y']!.data[1] = Number.NaN
  const [first] = samplesDocument(samples).samples as { y: (number | null)[] }[]
  expect(first!.y[1]).toBeNull()
})
