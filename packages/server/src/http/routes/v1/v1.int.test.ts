/** The first version of the API over a real socket, with a predictor that needs no model. */
import { v1FitResponseSchema, v1PredictResponseSchema } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakePredictor } from '../../../testing/fake-predictor.ts'
import { type Part, postBytes, postForm } from '../../../testing/forms.ts'
import {
  CLASSES_CSV,
  createAccounts,
  envelopeOf,
  fitTrainSet,
  NUMBERS_CSV,
  startTestServer,
  type TestServer,
  whenReady,
} from '../../../testing/test-server.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
let server: TestServer
const predictor = new FakePredictor()

beforeAll(async () => {
  server = await startTestServer({
    predictor,
    env: { POSTERIOR_V1_SUNSET: '2027-06-30', POSTERIOR_MAX_UPLOAD_BYTES: '200000' },
  })
  await whenReady(server)
})
afterAll(() => server.close())

/** Ten rows with the target in the middle. */
const DATASET = `a,target,b\n${Array.from({ length: 10 }, (_, i) => `${i},${i < 4 ? 'yes' : 'no'},${i * 2}`).join('\n')}\n`
const TASK = { task: 'classification' }

function fit(data: object = TASK, files: Record<string, Part> = { dataset_file: { file: DATASET } }) {
  return postForm(server, '/v1/fit', { data: { json: data }, ...files })
}

async function fitted(data: object = TASK): Promise<string> {
  const files = { features_file: { file: NUMBERS_CSV.x }, labels_file: { file: NUMBERS_CSV.y } }
  const answer = await ('task' in data && data.task === 'regression' ? fit(data, files) : fit(data))
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('model_id')])
  return answer.json.model_id
}

function predict(data: object, file: string | undefined = 'a,b\n1,2\n3,4\n') {
  return postForm(server, '/v1/predict', { data: { json: data }, ...(file && { file: { file } }) })
}

describe('a fit', () => {
  test('of one file takes the column named target out of it', async () => {
    const answer = await fit()
    expect(answer.status).toBe(200)
    expect(v1FitResponseSchema.parse(answer.json)).toEqual({
      model_id: answer.json.model_id,
      task: 'classification',
    })
    const status = await server.call('GET', `/tabpfn/fit/${answer.json.model_id}`)
    expect(status.json.status).toBe('completed')
  })

  test('of one file takes the column that schema.target names', async () => {
    const answer = await fit({ task: 'regression', schema: { target: 'b', description: 'a table' } })
    expect(answer.status).toBe(200)
    const answers = await predict({ ...answer.json }, 'a,target\n1,yes\n')
    expect(answers.json.prediction).toEqual([9])
  })

  test('of two files, whose parts come before the part data, is the same', async () => {
    const parts = {
      labels_file: { file: CLASSES_CSV.y },
      features_file: { file: CLASSES_CSV.x },
      data: { json: TASK },
    }
    const answer = await postForm(server, '/v1/fit', parts)
    expect(answer.status).toBe(200)
  })

  test('of the same bytes is the same model, kept once', async () => {
    const summary = async () => (await server.call('GET', '/get_data_summary')).json.train_sets
    const first = await fitted({ ...TASK, config: { random_state: 5 } })
    const before = await summary()
    expect(await fitted({ ...TASK, config: { random_state: 5 } })).toBe(first)
    expect(await summary()).toBe(before)
  })

  test.each([
    [{}, 'task'],
    [{ task: 'clustering' }, 'task'],
    [{ ...TASK, schema: { target: 'price' } }, 'schema.target'],
    [{ ...TASK, config: { n_estimators: 11 } }, 'config.n_estimators'],
    [{ ...TASK, config: { colour: 'red' } }, 'config.colour'],
    [{ ...TASK, systems: ['magic'] }, 'systems.0'],
    [7, 'body'],
  ])('with %j is a 422 that names %s', async (data, field) => {
    const answer = await fit(data as object)
    expect([answer.status, envelopeOf(answer).errors[0]?.field]).toEqual([422, field])
  })

  test('says what is wrong with a file', async () => {
    const answer = await fit(TASK, { dataset_file: { file: 'a,target\n1,x\n2\n' } })
    expect([answer.status, answer.json.error_code]).toEqual([422, 'CSV_RAGGED'])
    expect(answer.json.errors[0].field).toBe('dataset_file')
    const only = await fit(TASK, { dataset_file: { file: 'target\nx\ny\n' } })
    expect([only.status, only.json.error_code]).toEqual([422, 'NO_COLUMNS'])
  })
})

describe('a prediction', () => {
  test('answers the shape of the first version', async () => {
    const model_id = await fitted()
    const answer = await predict({ ...TASK, model_id })
    expect(answer.status).toBe(200)
    expect(v1PredictResponseSchema.parse(answer.json)).toMatchObject({
      task: 'classification',
      model_id,
      prediction: [
        [0.6, 0.4],
        [0.6, 0.4],
      ],
      params: { n_estimators: 4 },
    })
  })

  test.each([
    ['probas', [[0.6, 0.4]]],
    ['probabilities', [[0.6, 0.4]]],
    ['preds', ['no']],
    ['predictions', ['no']],
  ])('takes the spelling %s', async (output_type, prediction) => {
    const data = { ...TASK, model_id: await fitted(), params: { output_type } }
    expect((await predict(data, 'a,b\n1,2\n')).json.prediction).toEqual(prediction)
  })

  test('of a regression gives the mean, or everything', async () => {
    const data = { task: 'regression', model_id: await fitted({ task: 'regression' }) }
    expect((await predict(data)).json.prediction).toEqual([6.75, 6.75])
    const full = await predict({ ...data, params: { output_type: 'full' } })
    expect(Object.keys(full.json.prediction)).toEqual([
      'mean',
      'median',
      'mode',
      'quantiles',
      'logits',
      'borders',
    ])
  })

  test('drops the target from rows that still hold it, and nothing else', async () => {
    const data = { ...TASK, model_id: await fitted() }
    expect((await predict(data, 'a,target,b\n1,yes,2\n')).status).toBe(200)
    const other = await predict(data, 'a,b,c\n1,2,3\n')
    expect([other.status, other.json.error_code]).toEqual([422, 'WRONG_COLUMNS'])
    // A feature that is called like the target stays.
    const files = {
      features_file: { file: CLASSES_CSV.x.replace('a,b', 'a,label') },
      labels_file: { file: CLASSES_CSV.y },
    }
    const { model_id } = (await fit(TASK, files)).json
    expect((await predict({ ...TASK, model_id }, 'a,label\n1,2\n')).status).toBe(200)
  })

  test('repeats the rows of an earlier one by their id', async () => {
    const data = { ...TASK, model_id: await fitted() }
    const first = await predict(data)
    const again = await predict({ ...data, dataset_id: first.json.dataset_id }, '')
    expect(again.json.prediction).toEqual(first.json.prediction)
    const both = await predict({ ...data, dataset_id: first.json.dataset_id })
    expect([both.status, both.json.errors[0].field]).toEqual([422, 'dataset_id'])
    const other = await fitted({ ...TASK, config: { random_state: 9 } })
    const foreign = await predict({ ...TASK, model_id: other, dataset_id: first.json.dataset_id }, '')
    expect([foreign.status, foreign.json.errors[0].field]).toEqual([422, 'dataset_id'])
  })

  test('from a model of the other routes works', async () => {
    const model_id = await fitTrainSet(server, CLASSES_CSV)
    expect((await predict({ ...TASK, model_id })).status).toBe(200)
  })

  test('from an unknown or foreign model is a 404, for another task a 422', async () => {
    const [alice] = (await createAccounts(server, 'alice')) as [string]
    const model_id = await fitted()
    const parts = { data: { json: { ...TASK, model_id } }, file: { file: 'a,b\n1,2\n' } }
    expect((await postForm(server, '/v1/predict', parts, alice)).status).toBe(404)
    expect((await predict({ ...TASK, model_id: UNKNOWN })).status).toBe(404)
    const other = await predict({ task: 'regression', model_id })
    expect([other.status, other.json.errors[0].field]).toEqual([422, 'task'])
  })
})

describe('every answer', () => {
  test('says that the route is deprecated, until when, and where to read more', async () => {
    for (const answer of [await fit(), await postForm(server, '/v1/predict', {}, null)]) {
      expect(answer.headers.get('deprecation')).toBe('true')
      expect(answer.headers.get('sunset')).toBe('Wed, 30 Jun 2027 00:00:00 GMT')
      expect(answer.headers.get('link')).toBe(`<${server.url}/docs>; rel="deprecation"`)
    }
  })

  test('to a caller without a token is a 401', async () => {
    for (const path of ['/v1/fit', '/v1/predict']) {
      expect((await postForm(server, path, { data: { json: TASK } }, null)).status).toBe(401)
    }
  })
})

describe('a form that is broken is a 400', () => {
  const part = (head: string, body = 'x') => `--edge\r\n${head}\r\n\r\n${body}\r\n`
  const data = part(
    'Content-Disposition: form-data; name="data"\r\nContent-Type: application/json',
    JSON.stringify(TASK),
  )
  const file = (name: string, body = 'a,target\n1,x\n') =>
    part(`Content-Disposition: form-data; name="${name}"; filename="x.csv"`, body)
  const cases: [string, string][] = [
    ['nothing at all', ''],
    ['no end', data + file('dataset_file')],
    ['cut off inside a file', `${data}${file('dataset_file').slice(0, -4)}`],
    ['no part data', `${file('dataset_file')}--edge--\r\n`],
    ['no file', `${data}--edge--\r\n`],
    ['one of two files', `${data}${file('features_file')}--edge--\r\n`],
    [
      'all three files',
      `${data}${['dataset_file', 'features_file', 'labels_file'].map((n) => file(n)).join('')}--edge--\r\n`,
    ],
    ['the same file twice', `${data}${file('dataset_file')}${file('dataset_file')}--edge--\r\n`],
    ['data twice', `${data}${data}${file('dataset_file')}--edge--\r\n`],
    ['a file with another name', `${data}${file('dataset_file')}${file('virus')}--edge--\r\n`],
    [
      'a field with another name',
      `${data}${part('Content-Disposition: form-data; name="more"')}${file('dataset_file')}--edge--\r\n`,
    ],
    ['a name of the prototype', `${data}${file('__proto__')}--edge--\r\n`],
    ['data that is no JSON', `${data.replace('{', '{{')}${file('dataset_file')}--edge--\r\n`],
    ['too many parts', `${data}${file('dataset_file').repeat(40)}--edge--\r\n`],
    ['a part without a head', `${data}--edge\r\n\r\nx\r\n--edge--\r\n`],
    ['bytes that are no form', 'a,b,target\n1,2,3\n'],
  ]
  test.each(cases)('%s', async (_, body) => {
    const before = predictor.calls.fit
    const answer = await postBytes(server, '/v1/fit', body)
    expect([answer.status, answer.json.code]).toEqual([400, 'error.bad_request'])
    expect(predictor.calls.fit).toBe(before)
  })

  test('another content type, or a form without a boundary', async () => {
    const headers = { 'content-type': 'multipart/form-data' }
    expect((await server.call('POST', '/v1/fit', { body: data, headers })).status).toBe(400)
    expect((await server.call('POST', '/v1/fit', { body: TASK })).status).toBe(400)
  })
})

test('a file beyond the limit is refused while it arrives, and nothing of it is kept', async () => {
  const rows = Array.from({ length: 40_000 }, (_, i) => `${i},${i % 2},${i}`)
  const answer = await fit(TASK, { dataset_file: { file: `a,target,b\n${rows.join('\n')}\n` } })
  expect([answer.status, answer.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
})

test('a part data beyond the limit is refused', async () => {
  const description = 'x'.repeat(1_100_000)
  const answer = await fit({ ...TASK, schema: { description } })
  expect(answer.status).toBe(400)
})
