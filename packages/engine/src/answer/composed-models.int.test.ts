/** Models composed of blocks answer by the same rules as every other one, whatever their weights. */
import { join } from 'node:path'
import { initialWeights, saveCheckpoint } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { beforeAll, describe, expect, it } from 'vitest'
import { SMALL_COMPOSITIONS } from '../../../../tests/support/compositions.ts'
import { expectClose, failureOf, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { Answer, AnswerJob, NumberRows } from './answer-job.ts'

/** Rounding of float32 arithmetic, as a share of the spread of the target. */
const ROUNDING = 2e-4

const fixture = usePredictor()

const random = Random.fromSeed('rows')
const x = table(30)
const query = table(7)
const order = [...random.permutation(x.rows)]
const numbers = Float64Array.from({ length: x.rows }, (_, i) => 3 * x.values[3 * i]! + 0.1 * random.normal())
const classes = numbers.map((value) => (value > 1 ? 7 : value < -1 ? -3 : 40))

const MODELS = Object.entries(SMALL_COMPOSITIONS).filter(([, { task }]) => task !== 'discovery')

describe.each(MODELS)('%s', (name, config) => {
  const folder = join(fixture.root, name)
  const task = config.task as AnswerJob['task']
  const y = task === 'classification' ? classes : numbers
  const answer = (job: Partial<AnswerJob> = {}) =>
    fixture.predictor.answer({ model: { folder }, task, x, y, query, ...job })

  beforeAll(async () => {
    const noise = Random.fromSeed('weights', name)
    const weights = initialWeights(config, noise)
    for (const { data } of weights.values()) {
      for (let i = 0; i < data.length; i++) data[i]! += 0.1 * noise.normal()
    }
    const facts = { name: 'composed', version: '1.0.0', licence: 'Apache-2.0', training: {} }
    const columns = [config.columns ?? 1, config.columns ?? 9] as const
    const trainedRange = { rows: [2, 100], columns, classes: [2, 10] } as const
    await saveCheckpoint(folder, { ...facts, architecture: config, tasks: [task], trainedRange }, weights)
  })

  it('answers a query row the same alone and among others', async () => {
    const all = rowsOf(await answer())
    for (const row of [0, 3, 6]) {
      expectClose(rowsOf(await answer({ query: takeRows(query, [row]) }))[0]!, all[row]!, ROUNDING)
    }
  })

  it('does not care in which order the context comes', async () => {
    const shuffled = { x: takeRows(x, order), y: Float64Array.from(order, (row) => y[row]!) }
    expectClose(rowsOf(await answer(shuffled)).flat(), rowsOf(await answer()).flat(), ROUNDING)
  })

  it('answers differently when the targets of the context differ', async () => {
    const plain = rowsOf(await answer()).flat()
    const other = y.map((value, i) => y[(i + 7) % y.length]! + 0 * value)
    const turned = rowsOf(await answer({ y: other })).flat()
    expect(Math.max(...plain.map((value, i) => Math.abs(value - turned[i]!)))).toBeGreaterThan(1e-3)
  })

  it.runIf(task === 'regression')('carries a change of unit and origin of y through', async () => {
    const moved = rowsOf(await answer({ y: y.map((value) => 1000 * value - 5e4) })).flat()
    const back = moved.map((value) => (value + 5e4) / 1000)
    expectClose(back, rowsOf(await answer()).flat(), ROUNDING)
  })

  it.runIf(config.columns !== null)('refuses rows of another width, with the width it takes', async () => {
    const narrow = (rows: NumberRows) => ({ ...rows, columns: 1, values: rows.values.slice(0, rows.rows) })
    const failure = await failureOf(answer({ x: narrow(x), query: narrow(query) }))
    expect(failure).toMatchObject({
      code: 'wrong_columns',
      message: 'Model expects 3 features per row but got 1.',
    })
  })
})

function table(rows: number): NumberRows {
  const values = Float64Array.from({ length: 3 * rows }, () =>
    random.bool(0.05) ? Number.NaN : random.normal(),
  )
  return {
    rows,
    columns: 3,
    values: values.map((value, i) => (i % 3 === 0 && Number.isNaN(value) ? 0 : value)),
  }
}

function takeRows({ columns, values }: NumberRows, rows: readonly number[]): NumberRows {
  const taken = rows.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)])
  return { rows: rows.length, columns, values: Float64Array.from(taken) }
}

/** Everything that an answer says of each row. */
function rowsOf(answer: Answer): number[][] {
  if (answer.task === 'classification') {
    const width = answer.classes.length
    return answer.labels.map((_, i) => [...answer.probabilities.subarray(i * width, (i + 1) * width)])
  }
  return [...answer.mean].map((mean, i) => [
    mean,
    answer.median[i]!,
    ...answer.quantiles.map((level) => level[i]!),
  ])
}
