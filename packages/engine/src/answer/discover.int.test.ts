/** Graphs of tables, by models of blocks with random weights: what holds whatever they are. */
import { join } from 'node:path'
import { initialWeights, saveCheckpoint } from '@posterior/model'
import { Random } from '@posterior/tabular'
import { beforeAll, describe, expect, it } from 'vitest'
import { SMALL_COMPOSITIONS } from '../../../../tests/support/compositions.ts'
import { failureOf, usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { NumberRows } from './answer-job.ts'

const fixture = usePredictor()
const random = Random.fromSeed('table')
const x = table(40, 4)
const MODELS = Object.entries(SMALL_COMPOSITIONS).filter(([, { task }]) => task === 'discovery')

describe.each(MODELS)('%s', (name, config) => {
  const folder = join(fixture.root, name)
  const discover = async (rows: NumberRows) => [
    ...(await fixture.predictor.discover({ model: { folder }, x: rows })).probabilities,
  ]

  beforeAll(async () => {
    const noise = Random.fromSeed('weights', name)
    const weights = initialWeights(config, noise)
    for (const { data } of weights.values()) {
      for (let i = 0; i < data.length; i++) data[i]! += 0.3 * noise.normal()
    }
    const facts = { name: 'graphs', version: '1.0.0', licence: 'Apache-2.0', training: {} }
    const trainedRange = { rows: [2, 100], columns: [2, 9], classes: [0, 0] } as const
    await saveCheckpoint(
      folder,
      { ...facts, architecture: config, tasks: ['discovery'], trainedRange },
      weights,
    )
  })

  it('gives a probability for every ordered pair, and none for a column with itself', async () => {
    const graph = await discover(x)
    expect(graph).toHaveLength(16)
    graph.forEach((p, i) => {
      if (i % 5 === 0) expect(p).toBe(0)
      else expect(p > 0 && p < 1).toBe(true)
    })
    expect(new Set(graph.map((p) => p.toFixed(6))).size).toBeGreaterThan(8)
  })

  it('turns with the order of the columns, and not with that of the rows', async () => {
    const graph = await discover(x)
    const [columns, rows] = [[2, 0, 3, 1], [...random.permutation(40)]]
    const turned = await discover(pick(x, rows, columns))
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        expect(turned[i * 4 + j]).toBeCloseTo(graph[columns[i]! * 4 + columns[j]!]!, 4)
      }
    }
  })

  it('does not depend on units, and takes any number of columns', async () => {
    const scaled = { ...x, values: x.values.map((value, i) => (i % 4 === 1 ? 1000 * value - 7 : value)) }
    const graph = await discover(x)
    for (const [i, p] of (await discover(scaled)).entries()) expect(p).toBeCloseTo(graph[i]!, 4)
    expect(await discover(table(12, 7))).toHaveLength(49)
  })

  it('answers no rows', async () => {
    const job = { model: { folder }, task: 'regression', x, y: new Float64Array(40), query: x } as const
    expect(await failureOf(fixture.predictor.answer(job))).toMatchObject({ code: 'unsupported_task' })
  })
})

it('a model of rows gives no graph', async () => {
  const failure = await failureOf(fixture.predictor.discover({ model: { name: 'tiny' }, x }))
  expect(failure).toMatchObject({ code: 'unsupported_task' })
})

function table(rows: number, columns: number): NumberRows {
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, () => random.normal()) }
}

function pick(
  { columns, values }: NumberRows,
  rows: readonly number[],
  order: readonly number[],
): NumberRows {
  const taken = rows.flatMap((row) => order.map((column) => values[row * columns + column]!))
  return { rows: rows.length, columns: order.length, values: Float64Array.from(taken) }
}
