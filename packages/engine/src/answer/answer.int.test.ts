import { fileURLToPath } from 'node:url'
import { Predictor } from '@posterior/engine'
import { Random } from '@posterior/tabular'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClose, failureOf, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { Answer, AnswerJob, ClassesAnswer, NumberRows, NumbersAnswer } from './answer-job.ts'

const NANO = fileURLToPath(new URL('../../../../models/nano', import.meta.url))

/** Rounding of float32 arithmetic, as a share of the spread of the target. */
const ROUNDING = 2e-4

const fixture = usePredictor()
let nano: Predictor

beforeAll(() => {
  nano = new Predictor({ ...fixture.settings, modelDirs: [] })
})
afterAll(() => nano.close())

function table(rows: number, columns: number, seed: string): NumberRows {
  const random = Random.fromSeed(seed)
  const values = Float64Array.from({ length: rows * columns }, () =>
    random.bool(0.05) ? Number.NaN : random.normal(),
  )
  return { rows, columns, values }
}

function takeRows({ columns, values }: NumberRows, rows: readonly number[]): NumberRows {
  const taken = rows.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)])
  return { rows: rows.length, columns, values: Float64Array.from(taken) }
}

const x = table(40, 4, 'context')
const query = table(12, 4, 'query')
const y = Float64Array.from({ length: x.rows }, (_, i) => {
  const [a, b] = [x.values[i * 4]!, x.values[i * 4 + 1]!]
  return (Number.isNaN(a) ? 0 : 2 * a) - (Number.isNaN(b) ? 0 : b)
})
const labels = y.map((value) => (value > 1 ? 7 : value < -1 ? -3 : 40))
const order = [...Random.fromSeed('order').permutation(x.rows)]

const MODELS = [
  {
    name: 'the tiny model',
    answer: (job: Partial<AnswerJob>) => fixture.predictor.answer(jobOf({ name: 'tiny' }, job)),
  },
  { name: 'nano', answer: (job: Partial<AnswerJob>) => nano.answer(jobOf({ folder: NANO }, job)) },
]

function jobOf(model: AnswerJob['model'], job: Partial<AnswerJob>): AnswerJob {
  const targets = job.task === 'classification' ? labels : y
  return { model, task: 'regression', x, y: targets, query, ...job }
}

/** Everything that an answer says of rows, in one list. */
function numbersOf(answer: Answer): number[] {
  if (answer.task === 'classification') return [...answer.probabilities]
  return [...answer.mean, ...answer.median, ...answer.quantiles.flatMap((level) => [...level])]
}

describe.each(MODELS)('with $name', ({ answer }) => {
  it.each(['regression', 'classification'] as const)(
    'answers a query row the same alone and among others: %s',
    async (task) => {
      const all = await answer({ task })
      for (const row of [0, 5, 11]) {
        const alone = await answer({ task, query: takeRows(query, [row]) })
        const among = numbersOf(all).filter((_, i) =>
          task === 'classification' ? Math.floor(i / 3) === row : i % query.rows === row,
        )
        expectClose(numbersOf(alone), among, ROUNDING)
      }
      const other = await answer({ task, query: takeRows(query, [3, 3, 9, 1, 1, 1, 0]) })
      expectClose(
        numbersOf(other).slice(-3),
        numbersOf(await answer({ task, query: takeRows(query, [1, 1, 0]) })).slice(-3),
        ROUNDING,
      )
    },
  )

  it.each(['regression', 'classification'] as const)(
    'does not care in which order the context comes: %s',
    async (task) => {
      const targets = task === 'classification' ? labels : y
      const shuffled = { x: takeRows(x, order), y: Float64Array.from(order, (row) => targets[row]!) }
      expectClose(numbersOf(await answer({ task, ...shuffled })), numbersOf(await answer({ task })), ROUNDING)
    },
  )

  it('carries a change of unit and origin of y through to the answer', async () => {
    const plain = numbersOf(await answer({}))
    const moved = numbersOf(await answer({ y: y.map((value) => 1000 * value - 5e4) }))
    expectClose(
      moved.map((value) => (value + 5e4) / 1000),
      plain,
      ROUNDING,
    )
    const turned = (await answer({ y: y.map((value) => 1e-6 * value) })) as NumbersAnswer
    expectClose(
      turned.mean.map((value) => value * 1e6),
      plain.slice(0, query.rows),
      ROUNDING,
    )
  })

  it('carries a change of unit and origin of x through', async () => {
    const move = ({ values, ...rows }: NumberRows) => ({ ...rows, values: values.map((v) => 50 + 8 * v) })
    expectClose(
      numbersOf(await answer({ x: move(x), query: move(query) })),
      numbersOf(await answer({})),
      ROUNDING,
    )
  })

  it('answers differently when the targets of the context differ', async () => {
    const plain = numbersOf(await answer({}))
    const turned = numbersOf(await answer({ y: y.map((value, i) => (i % 2 === 0 ? value : -value)) }))
    expect(Math.max(...plain.map((value, i) => Math.abs(value - turned[i]!)))).toBeGreaterThan(0.05)
  })

  it('gives classes as the whole numbers of the context, with probabilities that sum to 1', async () => {
    const answered = (await answer({ task: 'classification' })) as ClassesAnswer
    expect(answered.classes).toEqual([-3, 7, 40])
    for (const [row, label] of answered.labels.entries()) {
      const own = [...answered.probabilities.subarray(row * 3, row * 3 + 3)]
      expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9)
      expect(label).toBe(answered.classes[own.indexOf(Math.max(...own))])
    }
  })

  it('gives the same bits for the same job', async () => {
    expect(numbersOf(await answer({ options: { estimators: 3 } }))).toEqual(
      numbersOf(await answer({ options: { estimators: 3 } })),
    )
  })
})

it('keeps a column that never varies, and one that is missing throughout', async () => {
  const values = x.values.slice()
  for (let i = 0; i < x.rows; i++) {
    values[i * 4 + 2] = 5
    values[i * 4 + 3] = Number.NaN
  }
  const answer = (await nano.answer(jobOf({ folder: NANO }, { x: { ...x, values } }))) as NumbersAnswer
  expect(answer.mean.every(Number.isFinite)).toBe(true)
})

it('learns from the context: nano is nearer to the truth than the mean of the context', async () => {
  const rows = table(100, 3, 'linear')
  const truth = ({ rows: count, values }: NumberRows) =>
    Float64Array.from({ length: count }, (_, i) => {
      const [a, b] = [values[i * 3]!, values[i * 3 + 1]!]
      return 3 * (Number.isNaN(a) ? 0 : a) - (Number.isNaN(b) ? 0 : b)
    })
  const asked = table(50, 3, 'linear query')
  const answer = (await nano.answer({
    model: { folder: NANO },
    task: 'regression',
    x: rows,
    y: truth(rows),
    query: asked,
  })) as NumbersAnswer
  const square = (values: Float64Array) => values.reduce((sum, v) => sum + v * v, 0)
  const expected = truth(asked)
  expect(square(expected.map((v, i) => v - answer.mean[i]!))).toBeLessThan(0.2 * square(expected))
})

it('holds about nine in ten of noisy targets between the quantiles 0.05 and 0.95 of nano', async () => {
  const random = Random.fromSeed('coverage')
  const draw = (rows: number, slopes: readonly number[]) => {
    const values = Float64Array.from({ length: rows * 3 }, () => random.normal())
    const truth = Float64Array.from(
      { length: rows },
      (_, i) => slopes.reduce((sum, slope, j) => sum + slope * values[i * 3 + j]!, 0) + random.normal(),
    )
    return { x: { rows, columns: 3, values }, y: truth }
  }
  let inside = 0
  for (let task = 0; task < 40; task++) {
    const slopes = [random.normal(), random.normal(), random.normal()]
    const [context, asked] = [draw(60, slopes), draw(25, slopes)]
    const job = jobOf({ folder: NANO }, { ...context, query: asked.x, levels: [0.05, 0.95] })
    const [low, high] = ((await nano.answer(job)) as NumbersAnswer).quantiles as [Float64Array, Float64Array]
    for (const [row, y] of asked.y.entries()) if (y >= low[row]! && y <= high[row]!) inside++
  }
  expect(inside / 1000).toBeGreaterThan(0.85)
  expect(inside / 1000).toBeLessThan(0.96)
})

it('answers quantiles that grow with their level, and bars of mass 1', async () => {
  const levels = [0.05, 0.5, 0.95]
  const answer = (await nano.answer(jobOf({ folder: NANO }, { levels, withBars: true }))) as NumbersAnswer
  const [low, mid, high] = answer.quantiles as [Float64Array, Float64Array, Float64Array]
  for (let row = 0; row < query.rows; row++) {
    expect(low[row]!).toBeLessThan(mid[row]!)
    expect(mid[row]!).toBeLessThan(high[row]!)
  }
  const { borders, logits } = answer.bars!
  const buckets = borders.length - 1
  expect(logits.subarray(0, buckets).reduce((sum, l) => sum + Math.exp(l), 0)).toBeCloseTo(1, 9)
})

it('answers a target that never varies with that constant, and says so', async () => {
  const answer = (await nano.answer(
    jobOf({ folder: NANO }, { y: new Float64Array(x.rows).fill(4) }),
  )) as NumbersAnswer
  expect([...answer.mean]).toEqual(new Array(query.rows).fill(4))
  expect(answer.warnings.join()).toMatch(/never varies/)
})

it('tells as many classes apart as the model has slots, and refuses more', async () => {
  const many = (classes: number) =>
    jobOf(
      { folder: NANO },
      {
        task: 'classification',
        x: table(130, 4, 'many'),
        y: Float64Array.from({ length: 130 }, (_, i) => i % classes),
      },
    )
  const answer = (await nano.answer(many(64))) as ClassesAnswer
  expect(answer.classes).toHaveLength(64)
  expect((await failureOf(nano.answer(many(65)))).code).toBe('too_many_classes')
})

it('warns outside the trained range, and refuses beyond the limits when asked to', async () => {
  const job = jobOf({ folder: NANO }, { x: takeRows(x, [0, 1, 2]), y: y.slice(0, 3) })
  expect((await nano.answer(job)).warnings.join()).toMatch(/3 rows/)
  const wide = { x: table(20, 200, 'wide'), y: y.slice(0, 20), query: table(1, 200, 'wide query') }
  const options = { ignoreTrainedRange: false }
  expect((await failureOf(nano.answer(jobOf({ folder: NANO }, { ...wide, options })))).code).toBe(
    'beyond_model_limits',
  )
})

it('refuses what cannot be answered', async () => {
  const { predictor } = fixture
  const tiny = { name: 'tiny' }
  const code = async (job: Partial<AnswerJob>) => (await failureOf(predictor.answer(jobOf(tiny, job)))).code
  expect(await code({ x: takeRows(x, []), y: new Float64Array(0) })).toBe('no_rows')
  expect(await code({ query: takeRows(query, []) })).toBe('no_rows')
  expect(await code({ y: y.slice(1) })).toBe('row_count_mismatch')
  expect(await code({ query: table(2, 3, 'narrow') })).toBe('wrong_columns')
  expect(await code({ task: 'classification', y: new Float64Array(x.rows) })).toBe('one_class')
  expect(await code({ y: y.map((v, i) => (i === 3 ? Number.NaN : v)) })).toBe('target_missing_values')
  expect(await code({ model: { folder: fixture.root } })).toBe('unknown_model')
  expect(await code({ levels: [2] })).toBe('invalid_options')
})
