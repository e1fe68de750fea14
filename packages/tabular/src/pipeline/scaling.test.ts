import { expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import { fitScaling, SCALING_NAMES, type ScalingName } from './fit-scaling.ts'
import { applyScaling, invertScaling } from './scaling.ts'

const draws = () => Random.fromSeed('scaling')
const TRAINING = Float64Array.of(1, 2, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)
const QUERY = [0, 1, 2, 2.5, 10, 100, 144, 200]

function scaled(name: ScalingName, query: readonly number[] = QUERY, training = TRAINING): number[] {
  const [scaling] = fitScaling(name, training, draws())
  return query.map((x) => applyScaling(scaling!, x))
}

function expectClose(values: readonly number[], expected: readonly number[], digits: number) {
  expect(values).toHaveLength(expected.length)
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits)
  })
}

// scikit-learn 1.7.2, fitted on TRAINING and applied to QUERY.
test('quantile scalings are those of scikit-learn, ties and ends included', () => {
  // QuantileTransformer(n_quantiles=12, subsample=None)
  expectClose(
    scaled('quantile_uni_fine'),
    [0, 0, 0.13636363636363635, 0.22727272727272727, 0.4909090909090909, 0.9272727272727274, 1, 1],
    12,
  )
  // The same with output_distribution='normal'.
  expectClose(
    scaled('quantile_norm_fine'),
    [
      -5.199337582605575, -5.199337582605575, -1.0968035620935135, -0.7478585947633022, -0.022789502280392185,
      1.455776025117018, 5.19933758270342, 5.19933758270342,
    ],
    6,
  )
  // Twelve values give a coarse scaling two quantiles, the least: a straight line.
  expectClose(
    scaled('quantile_uni_coarse'),
    [0, 0, 0.006993006993006985, 0.010489510489510506, 0.06293706293706293, 0.6923076923076923, 1, 1],
    12,
  )
})

test('robust and power scalings are those of scikit-learn', () => {
  // RobustScaler(unit_variance=True)
  expectClose(
    scaled('robust'),
    [
      -0.38806259600322507, -0.35110425352672747, -0.3141459110502298, -0.295666739811981,
      -0.018479171238248812, 3.3077716516465374, 4.933938720612433, 7.0036058992963,
    ],
    12,
  )
  // PowerTransformer(standardize=False): lambda -0.14215529
  for (const name of ['power', 'safepower'] as const) {
    expectClose(
      scaled(name),
      [
        0, 0.6600922512340259, 1.0171220334206574, 1.1475499035675292, 2.0319408100581975, 3.3843990053211797,
        3.567295224715949, 3.724579799223589,
      ],
      4,
    )
  }
  // PowerTransformer(method='box-cox', standardize=False) of the range brought to [0.1, 1]: lambda -0.79090346
  expectClose(
    scaled('safepower_box'),
    [
      -6.547942469588734, -6.547942469588734, -6.179772419189401, -6.009965393175747, -4.213640797144718,
      -0.3696078972709634, 0, 0,
    ],
    3,
  )
})

test('the kernel integral follows its formula: a Gaussian kernel estimate between the extremes', () => {
  // numpy: mean(norm.cdf((x - TRAINING) / (alpha * std))), brought to 0 at 1 and to 1 at 144.
  const places = [1, 2, 10, 50, 100, 144]
  const close = (name: ScalingName, expected: number[]) =>
    scaled(name, places).forEach((value, i) => {
      // Between its places the scaling is linear.
      expect(Math.abs(value - expected[i]!)).toBeLessThan(0.02)
    })
  close('kdi_uni', [0, 0.0115253, 0.1057102, 0.5518741, 0.872928, 1])
  close('kdi_alpha_0.3_uni', [0, 0.0245524, 0.2297056, 0.7395784, 0.9203764, 1])
})

test('the squashing scaler gives the hand-worked values of its definition', () => {
  // Quartiles of -1, 2, 3 are 0.5 and 2.5, median 2: v = (x - 2) / 2, squashed by sqrt(1 + (v / 3)^2).
  const training = Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -1, Number.NaN, 2)
  expectClose(
    scaled(
      'squashing_scaler_default',
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -1, 2],
      training,
    ),
    [3, -3, 0.5 / Math.sqrt(1 + 1 / 36), -1.5 / Math.sqrt(1 + 1 / 4), 0],
    12,
  )
  expect(scaled('squashing_scaler_max10', [1e300])).toEqual([10])
})

test('extrapolation goes on in a straight line for one range and no further', () => {
  const line = scaled('quantile_uni_extrapolate', [1 - 143, 1 - 71.5, 144 + 71.5, 1e9])
  expectClose(line, [-1, -0.5, 1.5, 2], 9)
})

test('every scaling keeps missing values, never decreases and is undone where it is not flat', () => {
  const random = Random.fromSeed('values')
  const training = Float64Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? 3 : 10 * random.normal()))
  const grid = [...training].sort((a, b) => a - b)
  for (const name of SCALING_NAMES) {
    for (const scaling of fitScaling(name, training, draws())) {
      expect(applyScaling(scaling, Number.NaN)).toBeNaN()
      const values = grid.map((x) => applyScaling(scaling, x))
      for (let i = 1; i < values.length; i++) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!)
      values.slice(1, -1).forEach((y, i) => {
        expect(Math.abs(invertScaling(scaling, y) - grid[i + 1]!), name).toBeLessThan(1e-5)
      })
      expect(JSON.parse(JSON.stringify(scaling))).toEqual(scaling)
    }
  }
})

test('columns without values or without spread come through every scaling', () => {
  for (const name of SCALING_NAMES) {
    for (const training of [new Float64Array(0), Float64Array.of(Number.NaN), Float64Array.of(4, 4, 4)]) {
      for (const scaling of fitScaling(name, training, draws())) {
        expect(Number.isFinite(applyScaling(scaling, 4))).toBe(true)
        expect(Number.isFinite(applyScaling(scaling, 5))).toBe(true)
      }
    }
  }
})

test('the adaptive scaling goes by shape, the random ones by the draws alone', () => {
  const random = Random.fromSeed('shapes')
  const kindOf = (values: Float64Array) => fitScaling('adaptive', values, draws())[0]!.kind
  expect(kindOf(Float64Array.from({ length: 200 }, (_, i) => i % 5))).toBe('identity')
  expect(kindOf(Float64Array.from({ length: 400 }, () => random.normal()))).toBe('identity')
  expect(kindOf(Float64Array.from({ length: 400 }, () => Math.exp(4 * random.normal())))).not.toBe('identity')
  for (const name of ['per_feature', 'kdi_random_alpha'] as const) {
    expect(fitScaling(name, TRAINING, draws())).toEqual(fitScaling(name, TRAINING, draws()))
    const others = new Set(
      Array.from({ length: 12 }, (_, seed) =>
        JSON.stringify(fitScaling(name, TRAINING, Random.fromSeed(seed))),
      ),
    )
    expect(others.size).toBeGreaterThan(2)
  }
})
