/** Tables in the request itself, over the real engine with random weights: the same answers as by uploads. */
import { predictResponseSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EngineServer, startEngineServer } from './testing/engine-server.ts'
import { createAccounts, uploadTestSet, uploadTrainSet } from './testing/test-server.ts'

const X = `size,street,open\n${Array.from({ length: 24 }, (_, i) => `${i * 1.5},${i % 3 ? 'north' : 'south'},${i % 2 === 0}`).join('\n')}\n`
const Y = `price\n${Array.from({ length: 24 }, (_, i) => (i * i) % 17).join('\n')}\n`
const QUERY = 'size,street,open\n3.25,south,true\n,north,false\n'
const ROWS = [
  [3.25, 'south', true],
  [null, 'north', false],
]
const RECORDS = [
  { open: true, street: 'south', size: 3.25 },
  { street: 'north', open: false },
]

let server: EngineServer
let fitId: string

beforeAll(async () => {
  server = await startEngineServer({
    env: { POSTERIOR_MAX_TEST_ROWS: '40000', POSTERIOR_MAX_COLUMNS: '12' },
  })
  const train_set_upload_id = await uploadTrainSet(server, { x: X, y: Y })
  const body = { train_set_upload_id, task: 'regression', tabpfn_config: { n_estimators: 2 } }
  fitId = (await server.call('POST', '/tabpfn/fit', { body })).json.fitted_train_set_id
})
afterAll(() => server.close())

const ask = (body: unknown, token?: string) =>
  server.call('POST', `/tabpfn/fit/${fitId}/predict`, { body, ...(token && { token }) })

describe('a fit of rows in the request', () => {
  const rows = Array.from({ length: 24 }, (_, i) => [i * 1.5, i % 3 ? 'north' : 'south', i % 2 === 0])
  const y = rows.map((_, i) => (i * i) % 17)
  const records = rows.map(([size, street, open], i) => ({ size, street, open, price: y[i] }))
  const fitRows = (body: object) =>
    server.call('POST', '/tabpfn/fit_rows', {
      body: { task: 'regression', tabpfn_config: { n_estimators: 2 }, ...body },
    })

  test('answers as a fit of the same rows uploaded, by position and by name', async () => {
    const expected = (await ask({ rows: ROWS })).json.prediction
    for (const body of [
      { rows, y },
      { rows: records, target: 'price' },
    ]) {
      const fitted = await fitRows(body)
      expect([fitted.status, fitted.json.status]).toEqual([200, 'completed'])
      const path = `/tabpfn/fit/${fitted.json.fitted_train_set_id}/predict`
      const { json } = await server.call('POST', path, { body: { rows: ROWS } })
      expect(json.prediction).toEqual(expected)
    }
    const named = await fitRows({ rows: records, target: 'price' })
    const path = `/tabpfn/fit/${named.json.fitted_train_set_id}/predict`
    expect((await server.call('POST', path, { body: { rows: RECORDS } })).json.prediction).toEqual(expected)
  })

  test('is done once, and is there until it is deleted', async () => {
    const first = (await fitRows({ rows, y })).json.fitted_train_set_id
    expect((await fitRows({ rows, y })).json.fitted_train_set_id).toBe(first)
    expect((await fitRows({ rows, y, async_mode: true })).json.fitted_train_set_id).toBe(first)
  })

  test('keeps the type of labels', async () => {
    const labels = rows.map((_, i) => (i % 2 ? '1' : '0'))
    const { fitted_train_set_id } = (await fitRows({ task: 'classification', rows, y: labels })).json
    const path = `/tabpfn/fit/${fitted_train_set_id}/predict`
    const { json } = await server.call('POST', path, { body: { rows: ROWS } })
    expect(json.metadata.classes).toEqual(['0', '1'])
  })

  test.each([
    ['no target', { rows }, 'y'],
    ['two targets', { rows: records, y, target: 'price' }, 'target'],
    ['a target that no row has', { rows: records, target: 'cost' }, 'target'],
    ['a named target of rows that are lists', { rows, target: 'price' }, 'target'],
    ['a target that is no list', { rows, y: 3 }, 'y'],
    ['fewer targets than rows', { rows, y: y.slice(1) }, 'y_train'],
    ['no rows', { rows: [], y: [] }, 'rows'],
    ['objects that share no names', { rows: rows.map((_, j) => ({ [`n${j}`]: 1 })), y }, 'rows'],
    ['rows of different lengths', { rows: [[1], [1, 2]], y: [1, 2] }, 'rows'],
    ['an unknown task', { task: 'guessing', rows, y }, 'task'],
    ['a column without a name', { rows: [{ '': 'a' }, { '': 'b' }], y: [1, 2] }, 'rows'],
    ['a name with a NUL character', { rows: [{ 'a\0b': 'a' }, { 'a\0b': 'b' }], y: [1, 2] }, 'rows'],
    ['names that differ in case alone', { rows: [{ a: 'a', A: 'b' }], y: [1] }, 'rows'],
    ['thinking time without thinking', { rows, y, thinking_timeout_s: 5 }, 'thinking_timeout_s'],
  ])('is refused for %s', async (_, body, field) => {
    const answer = await fitRows(body)
    expect([answer.status, answer.json.errors?.[0]?.field]).toEqual([422, field])
  })
})

describe('rows in the request', () => {
  test('are answered as an upload of the same rows, by position and by name', async () => {
    const test_set_upload_id = await uploadTestSet(server, fitId, QUERY)
    const predict_params = { output_type: 'quantiles', quantiles: [0.1, 0.9] }
    const uploaded = await server.call('POST', '/tabpfn/predict', {
      body: {
        fitted_train_set_id: fitId,
        test_set_upload_id,
        task_config: { task: 'regression', predict_params },
      },
    })
    const byPosition = await ask({ rows: ROWS, ...predict_params })
    expect(byPosition.status).toBe(200)
    expect(predictResponseSchema.parse(byPosition.json)).toEqual(uploaded.json)
    expect((await ask({ rows: RECORDS, ...predict_params })).json).toEqual(uploaded.json)
  })

  test('are answered alone as they are among others', async () => {
    const [both, alone] = [await ask({ rows: ROWS }), await ask({ rows: [ROWS[0]] })]
    expect(alone.json.prediction[0]).toBeCloseTo(both.json.prediction[0], 5)
  })

  test('are not kept', async () => {
    const before = (await server.call('GET', '/get_data_summary')).json
    await ask({ rows: ROWS })
    expect((await server.call('GET', '/get_data_summary')).json).toEqual(before)
  })

  test('may hold bare NaN, which is missing', async () => {
    const missing = await ask({ rows: [[null, 'north', true]] })
    expect((await ask('{"rows": [[NaN, "north", true]]}')).json).toEqual(missing.json)
  })

  test('belong to the owner of the fit alone', async () => {
    const [other] = await createAccounts(server, 'other')
    const foreign = await ask({ rows: ROWS }, other)
    expect([foreign.status, foreign.json.error_code]).toEqual([404, 'NOT_FOUND'])
  })
})

describe('rows that cannot be answered', () => {
  const wide = Array.from({ length: 13 }, (_, j) => j)
  test.each([
    ['none at all', {}, 'rows'],
    ['no list', { rows: 'north' }, 'rows'],
    ['an empty list', { rows: [] }, 'rows'],
    ['a number for a row', { rows: [1] }, 'rows.0'],
    ['lists and objects', { rows: [ROWS[0], RECORDS[0]] }, 'rows.1'],
    ['rows of different lengths', { rows: [ROWS[0], [1]] }, 'rows'],
    ['a list in a cell', { rows: [[[1], 'north', true]] }, 'rows'],
    ['too few columns', { rows: [[1]] }, 'rows'],
    ['text in a column of numbers', { rows: [['big', 'north', true]] }, 'rows'],
    ['too many columns', { rows: [wide] }, 'rows'],
    ['objects that share no names', { rows: wide.map((j) => ({ [`n${j}`]: 1 })) }, 'rows'],
    ['too many rows', { rows: Array.from({ length: 21_846 }, () => ROWS[0]) }, 'rows'],
    ['an unknown output', { rows: ROWS, output_type: 'probas' }, 'output_type'],
    ['another task', { rows: ROWS, task: 'classification' }, 'task'],
  ])('%s', async (_, body, field) => {
    const answer = await ask(body)
    expect([answer.status, answer.json.errors?.[0]?.field]).toEqual([422, field])
    expect(answer.json.message.length).toBeGreaterThan(10)
  })
})
