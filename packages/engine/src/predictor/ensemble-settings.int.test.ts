/** Every setting of the ensemble, through fit and predict with the tiny model. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PipelineOptions } from '@posterior/tabular'
import { takeRows } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { expectClose, failureOf, query, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { EnsembleSettings } from '../ensemble/settings.ts'
import type { FullPrediction } from '../job.ts'
import { Predictor } from './predictor.ts'

const { fit, predict, probabilities, settings: engineSettings } = usePredictor()

const PIPELINE: PipelineOptions = {
  scaling: 'none',
  categories: 'codes',
  keepsOriginal: false,
  maxColumns: 500,
  components: null,
  maxOneHot: null,
}
// The last one is longer than the table.
const lists = [
  Array.from({ length: 30 }, (_, i) => i),
  Array.from({ length: 20 }, (_, i) => 3 * i),
  Array.from({ length: 90 }, (_, i) => i % 45),
]

const CHANGES: [string, EnsembleSettings][] = [
  ['a scaling', { pipelines: [{ ...PIPELINE, scaling: 'quantile_norm' }] }],
  [
    'pipelines of different widths',
    {
      pipelines: [
        { ...PIPELINE, scaling: 'robust', keepsOriginal: true },
        { ...PIPELINE, categories: 'one-hot' },
        { ...PIPELINE, scaling: 'per_feature', categories: 'shuffled' },
      ],
    },
  ],
  ['components', { pipelines: [{ ...PIPELINE, components: 'half', scaling: 'safepower' }] }],
  ['categories as numbers', { pipelines: [{ ...PIPELINE, categories: 'numbers' }] }],
  ['fewer columns per member', { pipelines: [{ ...PIPELINE, maxColumns: 2 }] }],
  ['random columns', { pipelines: [{ ...PIPELINE, maxColumns: 2 }], columnSampling: 'random' }],
  [
    'constant columns',
    {
      pipelines: [{ ...PIPELINE, maxColumns: 2 }],
      columnSampling: 'constant-and-balanced',
      constantColumns: 1,
    },
  ],
  [
    'important columns',
    {
      pipelines: [{ ...PIPELINE, maxColumns: 2 }],
      columnSampling: 'importance',
      importantColumns: 1,
    },
  ],
  ['an outlier limit', { outlierSpreads: 1 }],
  ['columns as they came', { columnOrder: 'keep' }],
  ['rotated columns', { columnOrder: 'rotate' }],
  ['class slots in order', { classOrder: 'keep' }],
  ['rotated class slots', { classOrder: 'rotate' }],
  ['a fingerprint', { fingerprint: true }],
  ['all products', { products: 'all' }],
  ['one product', { products: 1 }],
  ['a number of rows', { rowSample: { count: 25 } }],
  ['a share of the rows', { rowSample: { share: 0.5 } }],
  ['lists of rows of different lengths', { rowSample: { rows: lists } }],
  ['ridge columns', { ridgeColumns: true }],
  ['ridge columns beside products', { ridgeColumns: true, products: 'all' }],
  [
    'ridge columns for members of fewer columns',
    { ridgeColumns: true, pipelines: [{ ...PIPELINE, maxColumns: 2 }] },
  ],
  ['other typing rules', { maxCategories: 2, minNumericDistinct: 70, minRowsForCategoricalRule: 10 }],
]

test.each(CHANGES)(
  '%s: another answer, the same again, and each row alone as in its batch',
  async (_, ensemble) => {
    const options = { ensemble, randomState: 3 }
    const contextDir = await fit({ options })
    const answer = await probabilities(contextDir)
    expect(answer.every((p) => p > 0 && p < 1)).toBe(true)
    expect([...answer]).not.toEqual([...(await probabilities(await fit({ options: { randomState: 3 } })))])
    expect([...(await probabilities(await fit({ options })))]).toEqual([...answer])
    for (const row of [0, 24]) {
      const alone = await probabilities(contextDir, { x: { table: takeRows(query, [row]) } })
      // Matrix products of another size round differently, nothing more.
      expectClose(alone, answer.subarray(row * 3, row * 3 + 3), 1e-6)
    }
  },
)

test.each([{}, { rowSample: { count: 1000 } }, { columnOrder: 'shuffle', classOrder: 'shuffle' }] as const)(
  'settings that ask for what is the default anyway (%o) change no answer',
  async (ensemble) => {
    const plain = await probabilities(await fit())
    const asked = await probabilities(await fit({ options: { ensemble } }))
    expectClose(asked, plain, 0)
  },
)

test('a context with pipelines answers the same after it was read back from disk, and says which format it has', async () => {
  const ensemble = CHANGES[1]![1]
  const contextDir = await fit({ options: { ensemble } })
  const answer = await probabilities(contextDir)
  const fresh = new Predictor(engineSettings)
  const again = await fresh.predict({ contextDir, x: { table: query }, output: 'probas' })
  await fresh.close()
  expect('probabilities' in again && [...again.probabilities]).toEqual([...answer])
  expect(again.options.ensemble).toEqual(ensemble)
  expect(readFileSync(join(contextDir, 'context.json'), 'utf8')).toMatch(/^\{"format":2,/)
  expect(readFileSync(join(await fit(), 'context.json'), 'utf8')).toMatch(/^\{"format":1,/)
})

test('members see the columns that their pipelines make, and members of one shape run together', async () => {
  const ensemble = CHANGES[1]![1]
  const { state } = JSON.parse(
    readFileSync(join(await fit({ options: { ensemble, estimators: 5 } }), 'context.json'), 'utf8'),
  )
  // Of 2 columns of numbers, one of 4 categories and one of 2: copies, one-hot columns, none.
  const widths = state.context.members.map(({ order }: { order: number[] }) => order.length)
  expect(widths).toEqual([6, 7, 4, 6, 7])
  expect(state.context.groups).toEqual([[0, 3], [1, 4], [2]])
})

test.each([
  'none',
  'safepower',
  'safepower_box',
  'quantile_uni',
  'quantile_norm',
  'robust',
  'kdi',
  'squashing_scaler_default',
] as const)('a target scaled by %s comes back as a proper distribution in its own unit', async (scaling) => {
  const contextDir = await fit({
    task: 'regression',
    options: { ensemble: { targetScalings: [scaling] }, estimators: 2 },
  })
  const full = (await predict(contextDir, 'full', { quantiles: [0.1, 0.5, 0.9] })) as FullPrediction
  const buckets = full.borders.length - 1
  for (let row = 0; row < 25; row++) {
    let total = 0
    for (let i = 0; i < buckets; i++) total += Math.exp(full.logits[row * buckets + i]!)
    expect(total).toBeCloseTo(1, 9)
    const [low, middle, high] = full.quantiles.map((values) => values[row]!)
    expect(low!).toBeLessThanOrEqual(middle!)
    expect(middle!).toBeLessThanOrEqual(high!)
    expect(full.mean[row]!).toBeGreaterThan(full.borders[0]!)
    expect(full.mean[row]!).toBeLessThan(full.borders[buckets]!)
  }
})

test('what cannot be is refused with the setting', async () => {
  const cases: [EnsembleSettings, string][] = [
    [{ rowSample: { rows: [[0, 60]] } }, 'ensemble.rowSample'],
    [{ rowSample: { share: 0 } }, 'ensemble.rowSample'],
    [{ pipelines: [] }, 'ensemble.pipelines'],
    [{ products: 0 }, 'ensemble.products'],
    [{ outlierSpreads: -1 }, 'ensemble.outlierSpreads'],
    [{ targetScalings: [] }, 'ensemble.targetScalings'],
    [{ maxCategories: 1.5 }, 'ensemble.maxCategories'],
    [{ limits: { rows: 0 } }, 'ensemble.limits'],
  ]
  for (const [ensemble, option] of cases) {
    expect(await failureOf(fit({ options: { ensemble } }))).toMatchObject({
      code: 'invalid_options',
      details: { option },
    })
  }
})

test('limits of the request stand in for those of the model', async () => {
  const strict = { ignoreTrainedRange: false }
  const limited = fit({ options: { ...strict, ensemble: { limits: { rows: 59 } } } })
  expect(await failureOf(limited)).toMatchObject({ code: 'beyond_model_limits', details: { most: 59 } })
  // What counts is what a member sees.
  await fit({ options: { ...strict, ensemble: { limits: { rows: 59 }, rowSample: { count: 50 } } } })
})

test('memory is asked for by what members see: products raise it, fewer rows lower it', async () => {
  const small = new Predictor({ ...engineSettings, maxFitBytes: 2 ** 21 })
  const attempt = (ensemble: EnsembleSettings) =>
    fit({ options: { ensemble, estimators: 1 } }, small).then(
      () => 'fits',
      (error) => error.code,
    )
  expect(await attempt({})).toBe('fits')
  expect(
    await attempt({
      products: 'all',
      pipelines: [{ ...PIPELINE, categories: 'numbers', keepsOriginal: true, scaling: 'norm_and_kdi' }],
    }),
  ).toBe('too_large_for_memory')
  expect(
    await attempt({
      rowSample: { count: 10 },
      products: 'all',
      pipelines: [{ ...PIPELINE, categories: 'numbers', keepsOriginal: true, scaling: 'norm_and_kdi' }],
    }),
  ).toBe('fits')
  await small.close()
})
