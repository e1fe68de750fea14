/** Questions to brains of each kind; those to installed models are in the tests of the route. */
import type { BrainInputs } from '@posterior/contracts'
import { expect, test } from 'vitest'
import { type AnswerTarget, type Question, readQuestion } from './read-question.ts'

const LIMIT = { maxRows: 1000, maxColumns: 50, maxCells: 10_000 }
const LIMITS = { context: LIMIT, query: () => LIMIT }

function brain(inputs: Partial<BrainInputs>): AnswerTarget {
  const none = { classes: null, lags: null, season: null, groups: null }
  const rows = { kind: 'rows', task: 'regression', d_in: 2, columns: [2, 2], model_columns: [2, 2] } as const
  const all: BrainInputs = { ...rows, rows: [5, 90], ...none, ...inputs } as BrainInputs
  return { model: { folder: 'brain' }, name: 'v0_1', inputs: all }
}

const SERIES = brain({
  ...{ kind: 'series', task: 'time_series', d_in: 11, columns: [11, 11], model_columns: [11, 11] },
  ...{ lags: [8, 8], season: [12, 12] },
})
const GROUPS = brain({ kind: 'groups', d_in: 1, columns: [1, 1], model_columns: [1, 1], groups: 4 })
const CALENDAR = brain({
  ...{ kind: 'calendar', task: 'time_series', d_in: 1, columns: [1, 1], model_columns: [6, 6] },
  ...{ lags: null, season: [4, 24] },
})
const FLIPS = brain({ kind: 'flips', task: 'classification', d_in: 1, columns: [1, 1], classes: [2, 2] })

const ask = (target: AnswerTarget, context: unknown, query: unknown = undefined, settings = {}) =>
  readQuestion({ context, query }, settings, target, LIMITS)

async function rowsOf(question: Promise<Question>) {
  const read = await question
  if (read.kind !== 'rows') throw new Error('rows were expected')
  const split = ({ columns, values }: typeof read.x) =>
    Array.from({ length: values.length / columns }, (_, i) => [
      ...values.slice(i * columns, (i + 1) * columns),
    ])
  return { ...read, x: split(read.x), query: split(read.query) }
}

test('a brain of rows says its own width, for context and query, before anything else', async () => {
  const target = brain({})
  await expect(ask(target, { x: [[1]], y: [1, 2] }, { x: [[1, 2]] })).rejects.toThrow(
    'Model expects 2 features per row but got 1.',
  )
  await expect(ask(target, { x: [[1, 2]], y: [1] }, { x: [[1, 2, 3]] })).rejects.toThrow(
    'Model expects 2 features per row but got 3.',
  )
  await expect(ask(target, { x: [[1, 2]], labels: [1] }, { x: [[1, 2]] })).rejects.toMatchObject({
    errors: [{ field: 'context' }],
    message: expect.stringContaining('v0_1 does regression: send context.y'),
  })
  await expect(ask(target, { y: [1, 2] }, undefined)).rejects.toMatchObject({
    errors: [{ field: 'context.x' }],
  })
  await expect(ask(target, { x: [[1, 2]], y: [1] }, undefined, { horizon: 2 })).rejects.toMatchObject({
    errors: [{ field: 'horizon' }],
  })
})

test('a brain whose width varied takes rows of any width, all the same', async () => {
  const target = brain({ d_in: null, columns: [3, 12] })
  expect((await rowsOf(ask(target, { x: [[1, 2]], y: [1] }, { x: [[1, 2]] }))).x).toEqual([[1, 2]])
  await expect(ask(target, { x: [[1, 2]], y: [1] }, { x: [[1]] })).rejects.toThrow('expects 2 features')
})

test('labels are any whole numbers, as many different ones as the brain knows', async () => {
  const target = brain({ task: 'classification', classes: [2, 3], d_in: 1, columns: [1, 1] })
  const labelled = (labels: unknown[]) => ask(target, { x: labels.map(() => [1]), labels }, { x: [[1]] })
  expect((await rowsOf(labelled([7, -1, 7]))).y).toEqual(Float64Array.of(7, -1, 7))
  await expect(labelled([0, 1, 2, 3])).rejects.toMatchObject({
    errors: [{ field: 'context.labels' }],
    message: expect.stringContaining('has 4 different labels; v0_1 tells at most 3 apart'),
  })
  for (const label of [0.5, 'cat', null, true])
    await expect(labelled([0, label])).rejects.toThrow('labels[1]')
})

test('a brain of series takes one column, and forecasts as many steps as there are rows or a horizon', async () => {
  const column = [[3], [5], [4], [6]]
  const read = await ask(SERIES, { x: column }, { x: [[0], [0], [0]] })
  expect(read).toMatchObject({ kind: 'series', horizon: 3, lags: 8, season: 12, layout: 'studio', notes: [] })
  expect(await ask(SERIES, { y: [3, 5, 4, 6] }, undefined, { horizon: 3 })).toMatchObject(read)
  expect(await ask(SERIES, { x: column }, undefined, { horizon: 2, season: 7 })).toMatchObject({
    season: 7,
    notes: ['The brain was trained with season 12; season 7 is none that it knows.'],
  })
  await expect(ask(SERIES, { x: column })).rejects.toMatchObject({ errors: [{ field: 'horizon' }] })
  await expect(ask(SERIES, { x: column }, { x: [[1, 2]] })).rejects.toMatchObject({
    errors: [{ field: 'query.x' }],
  })
  await expect(ask(SERIES, { x: column }, undefined, { horizon: 2, lags: 3 })).rejects.toThrow('must be 8')
})

test('a brain that looks at when takes one column and no lags', async () => {
  const read = await ask(CALENDAR, { x: [[3], [5], [4]] }, undefined, { horizon: 2, season: 7 })
  expect(read).toEqual({
    ...{
      kind: 'series',
      history: Float64Array.of(3, 5, 4),
      horizon: 2,
      season: 7,
      layout: 'calendar',
      notes: [],
    },
  })
  expect(await ask(CALENDAR, { y: [3, 5, 4] }, { x: [[0]] })).toMatchObject({
    horizon: 1,
    layout: 'calendar',
  })
  await expect(ask(CALENDAR, { x: [[1]] }, undefined, { horizon: 2, lags: 3 })).rejects.toMatchObject({
    errors: [{ field: 'lags' }],
  })
  await expect(ask(CALENDAR, { x: [[1, 2]] }, undefined, { horizon: 2 })).rejects.toThrow(
    'expects 1 features',
  )
})

test('rows that are engineered already go to a brain of series as they are, others are refused by their width', async () => {
  const row = Array.from({ length: 11 }, (_, i) => i)
  const read = await rowsOf(ask(SERIES, { x: [row], y: [1] }, { x: [row] }, { task: 'time_series' }))
  expect(read).toMatchObject({ task: 'regression', x: [row] })
  await expect(ask(SERIES, { x: [[1, 2, 3]], y: [1] }, { x: [row] })).rejects.toThrow(
    'Model expects 11 features per row but got 3.',
  )
})

test('groups become numbers that depend neither on the order of the context nor on the rest of the query', async () => {
  const context = { x: [[10], [3], [10], [7]], y: [1, 2, 3, 4] }
  const read = await rowsOf(ask(GROUPS, context, { x: [[3], [99], [10], [55]] }))
  expect(read.x[0]).toEqual(read.x[2])
  expect(new Set(read.x.map(String)).size).toBe(3)
  expect(read.query[0]).toEqual(read.x[1])
  expect(read.query[2]).toEqual(read.x[0])
  expect(read.query[1]).toEqual(read.query[3])
  expect(read.x.map(String)).not.toContain(String(read.query[1]))
  const turned = await rowsOf(ask(GROUPS, { x: [[7], [10], [3], [10]], y: [4, 3, 2, 1] }, { x: [[55], [3]] }))
  expect(turned.x).toEqual([read.x[3], read.x[2], read.x[1], read.x[0]])
  expect(turned.query).toEqual([read.query[1], read.query[0]])
})

test('groups may come with their row numbers, and be more than the brain knows, which is said', async () => {
  const numbered = await rowsOf(
    ask(
      GROUPS,
      {
        x: [
          [0, 0],
          [0, 1],
          [1, 0],
        ],
        y: [1, 2, 3],
      },
      { x: [[0, 2]] },
    ),
  )
  expect(numbered.x[0]).toHaveLength(1)
  expect(numbered.notes).toEqual([expect.stringContaining('The second column')])
  const four = { x: [[1], [2], [3], [4]], y: [1, 2, 3, 4] }
  expect((await rowsOf(ask(GROUPS, four, { x: [[4]] }))).x).toHaveLength(4)
  const five = { x: [[1], [2], [3], [4], [5]], y: [1, 2, 3, 4, 5] }
  expect((await ask(GROUPS, four, { x: [[5]] })).notes).toEqual([])
  expect((await ask(GROUPS, five, { x: [[5]] })).notes).toEqual([expect.stringContaining('at most 4 groups')])
  await expect(ask(GROUPS, { x: [[null]], y: [1] }, { x: [[1]] })).rejects.toThrow('context.x[0][0]')
  await expect(ask(GROUPS, { x: [[1, 2, 3]], y: [1] }, { x: [[1]] })).rejects.toThrow(
    'Model expects 1 features per row but got 3.',
  )
})

test('flips are their outcomes: as labels, with or without a column, or as the one column', async () => {
  const query = { x: [[9], [null]] }
  const read = await rowsOf(ask(FLIPS, { x: [[5], [6], [7]], labels: [1, 0, 1] }, query))
  expect(read).toMatchObject({ task: 'classification', x: [[0], [0], [0]], query: [[0], [0]] })
  expect(await rowsOf(ask(FLIPS, { labels: [1, 0, 1] }, query))).toEqual(read)
  expect(await rowsOf(ask(FLIPS, { x: [[1], [0], [1]] }, query))).toEqual(read)
  await expect(ask(FLIPS, { x: [[1], [0]], labels: [1] }, query)).rejects.toThrow(
    'context.x and context.labels have different lengths',
  )
  await expect(ask(FLIPS, { labels: [0, 1, 2] }, query)).rejects.toThrow('at most 2 apart')
  await expect(ask(FLIPS, { x: [[0.5]] }, query)).rejects.toThrow('context.x[0]')
})
