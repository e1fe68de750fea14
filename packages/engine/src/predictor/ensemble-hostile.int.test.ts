/** Settings drawn at random on tables that no preprocessing likes: every answer is a finite, proper one. */
import { CATEGORY_HANDLINGS, type Column, Random, SCALING_NAMES, type Table } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { EnsembleSettings, TargetScalingName } from '../ensemble/settings.ts'
import type { FullPrediction, ProbabilityPrediction } from '../job.ts'

const { newFolder, predictor } = usePredictor()

const EXTREMES = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1e308,
  -1e308,
  5e-324,
  1,
  1,
]
const QUERY_ROWS = 4

function drawColumn(random: Random, rows: number, name: string): Column {
  const numbers = (draw: () => number): Column => ({
    kind: 'number',
    name,
    integer: false,
    values: Float64Array.from({ length: rows }, draw),
  })
  switch (random.int(0, 4)) {
    case 0: {
      const codes = Int32Array.from({ length: rows }, () => random.int(-1, 4))
      return { kind: 'string', name, codes, levels: ['a', 'b', 'c', 'd'] }
    }
    case 1:
      return numbers(() => random.choice(EXTREMES))
    case 2:
      return numbers(() => (random.bool(0.7) ? Number.NaN : 1e10 * random.cauchy()))
    default:
      return numbers(() => Math.round(10 * random.normal()))
  }
}

function drawSettings(random: Random): EnsembleSettings {
  const targets = SCALING_NAMES.filter((name) => name !== 'norm_and_kdi' && name !== 'per_feature')
  return {
    pipelines: Array.from({ length: random.int(1, 4) }, () => ({
      scaling: random.choice(SCALING_NAMES),
      categories: random.choice(CATEGORY_HANDLINGS),
      keepsOriginal: random.choice([true, false, 'auto'] as const),
      maxColumns: random.choice([1, 2, 500]),
      components: random.choice([null, 'half', 'quarter'] as const),
      maxOneHot: random.choice([null, 1, 3]),
    })),
    ...(random.bool() && { outlierSpreads: random.choice([0.5, 12]) }),
    ...(random.bool() && { fingerprint: true }),
    ...(random.bool() && { products: random.choice(['all', 2] as const) }),
    ...(random.bool() && {
      rowSample: random.choice([{ count: 3 }, { share: 0.5 }, { rows: [[0], [1, 0, 1]] }]),
    }),
    ...(random.bool() && {
      columnSampling: random.choice(['random', 'constant-and-balanced', 'importance'] as const),
      importantColumns: 1,
    }),
    targetScalings: [random.choice(targets) as TargetScalingName, null],
  }
}

function cut(column: Column, from: number, to: number): Column {
  return column.kind === 'string'
    ? { ...column, codes: column.codes.slice(from, to) }
    : ({ ...column, values: column.values.slice(from, to) } as Column)
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'settings and table drawn from seed %i',
  async (seed) => {
    const random = Random.fromSeed('hostile', seed)
    const rows = random.int(2, 40)
    const drawn = Array.from({ length: random.int(1, 6) }, (_, j) =>
      drawColumn(random, rows + QUERY_ROWS, `c${j}`),
    )
    const table = (from: number, to: number): Table => ({
      rowCount: to - from,
      columns: drawn.map((column) => cut(column, from, to)),
    })
    const task = seed % 2 === 0 ? 'classification' : 'regression'
    const values = Float64Array.from({ length: rows }, (_, i) =>
      task === 'classification' ? i % 3 : Math.round(100 * random.cauchy()),
    )
    const y: Table = { rowCount: rows, columns: [{ kind: 'number', name: 'y', values, integer: true }] }
    const contextDir = newFolder()
    const options = { estimators: random.int(1, 5), randomState: seed, ensemble: drawSettings(random) }
    await predictor.fit({ task, x: { table: table(0, rows) }, y: { table: y }, contextDir, options })
    const x = { table: table(rows, rows + QUERY_ROWS) }
    if (task === 'classification') {
      const { probabilities } = (await predictor.predict({
        contextDir,
        x,
        output: 'probas',
      })) as ProbabilityPrediction
      expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true)
      return
    }
    const full = (await predictor.predict({ contextDir, x, output: 'full' })) as FullPrediction
    for (const numbers of [full.mean, full.median, full.mode, full.borders, full.logits, ...full.quantiles]) {
      expect(numbers.every(Number.isFinite)).toBe(true)
    }
    const buckets = full.borders.length - 1
    for (let row = 0; row < QUERY_ROWS; row++) {
      const mass = full.logits
        .subarray(row * buckets, (row + 1) * buckets)
        .reduce((sum, l) => sum + Math.exp(l), 0)
      expect(mass).toBeCloseTo(1, 9)
    }
  },
)
