/** The REST quickstart against a real server with the released model: classification, regression, restarts and crashes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/run-command.ts'
import { freePort, startServer, type TestServer } from '../support/start-server.ts'
import { tempDir } from '../support/temp-dir.ts'
import { RestClient } from './rest-client.ts'

/** Features and target of a sample table whose last column is the target. */
function table(name: string): { x: string; y: string; rows: string[][] } {
  const text = readFileSync(join(ROOT, 'examples/data', name), 'utf8')
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  const join2 = (pick: (row: string[]) => string[]) => rows.map((row) => pick(row).join(',')).join('\n')
  return { x: join2((row) => row.slice(0, -1)), y: join2((row) => row.slice(-1)), rows: rows.slice(1) }
}

const iris = { train: table('iris-train.csv'), test: table('iris-test.csv') }
const diabetes = { train: table('diabetes-train.csv'), test: table('diabetes-test.csv') }

describe('the REST quickstart', () => {
  let server: TestServer
  let client: RestClient

  beforeAll(async () => {
    server = await startServer()
    client = new RestClient(server.url, server.token)
  })
  afterAll(() => server.stop())

  test('tells the limits', async () => {
    const { status, body } = await client.get('/tabpfn/get_model_limits')
    expect(status).toBe(200)
    expect(body.model_limits[body.default_model_version]).toMatchObject({
      max_cols: expect.any(Number),
      test_set_max_rows_w_full_regression_output: 400,
    })
  })

  test('classifies: probabilities in sorted class order that sum to 1, labels in their own type', async () => {
    const fitted = await client.fit('classification', iris.train.x, iris.train.y)
    expect(fitted).toMatchObject({ status: 200, body: { status: 'completed' } })
    const id = fitted.body.fitted_train_set_id
    const probas = await client.predict(id, 'classification', iris.test.x, { output_type: 'probas' })
    expect(probas.status).toBe(200)
    expect(probas.body.metadata).toMatchObject({
      task: 'classification',
      classes: ['setosa', 'versicolor', 'virginica'],
      test_set_num_rows: iris.test.rows.length,
      test_set_num_cols: 4,
    })
    for (const row of probas.body.prediction) {
      expect(Math.abs(row.reduce((sum: number, p: number) => sum + p, 0) - 1)).toBeLessThan(1e-5)
    }
    const preds = await client.predict(id, 'classification', iris.test.x, { output_type: 'preds' })
    const truth = iris.test.rows.map((row) => row.at(-1))
    const right = preds.body.prediction.filter((label: string, i: number) => label === truth[i]).length
    expect(right / truth.length).toBeGreaterThan(0.85)
  })

  test('regresses with every output, and the outputs agree with each other', async () => {
    const fitted = await client.fit('regression', diabetes.train.x, diabetes.train.y)
    const id = fitted.body.fitted_train_set_id
    const ask = async (params: object) =>
      (await client.predict(id, 'regression', diabetes.test.x, params)).body.prediction
    const n = diabetes.test.rows.length
    const full = await ask({ output_type: 'full', quantiles: [0.1, 0.5, 0.9] })
    expect(full.borders).toHaveLength(full.logits[0].length + 1)
    expect(full.logits).toHaveLength(n)
    const main = await ask({ output_type: 'main', quantiles: [0.1, 0.5, 0.9] })
    for (const key of ['mean', 'median', 'mode', 'quantiles']) expect(full[key]).toEqual(main[key])
    for (const key of ['mean', 'median', 'mode']) expect(await ask({ output_type: key })).toEqual(main[key])
    const deciles = await ask({ output_type: 'quantiles' })
    expect(deciles).toHaveLength(9)
    expect(deciles[4]).toEqual(main.median)
    // The bars' mean is the mean, up to the width of a bar.
    const spread = full.borders.at(-1) - full.borders[0]
    full.logits.forEach((logits: number[], row: number) => {
      const mass = logits.map(Math.exp)
      expect(Math.abs(mass.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-4)
      const mean = mass.reduce((sum, p, i) => sum + (p * (full.borders[i] + full.borders[i + 1])) / 2, 0)
      expect(Math.abs(mean - main.mean[row])).toBeLessThan(0.01 * spread)
    })
  })

  test('answers the same request twice with the same bytes', async () => {
    const { body } = await client.fit('classification', iris.train.x, iris.train.y)
    const ask = () => client.predict(body.fitted_train_set_id, 'classification', iris.test.x, {})
    expect(JSON.stringify((await ask()).body)).toBe(JSON.stringify((await ask()).body))
  })
})

describe('a server that stops', () => {
  test('and starts again between fit and predict changes nothing', async () => {
    const dataDir = tempDir()
    const first = await startServer({ dataDir })
    const before = new RestClient(first.url, first.token)
    const { body } = await before.fit('regression', diabetes.train.x, diabetes.train.y)
    const ask = (client: RestClient) =>
      client.predict(body.fitted_train_set_id, 'regression', diabetes.test.x, { output_type: 'main' })
    const expected = await ask(before)
    expect(await first.stop()).toBe(0)
    const second = await startServer({ dataDir })
    expect((await ask(new RestClient(second.url, second.token))).body).toEqual(expected.body)
    await second.stop()
  })

  test('by kill -9 keeps every upload and fit that it acknowledged', async () => {
    const dataDir = tempDir()
    // The signed URLs hold the address, so the server comes back at the same one.
    const port = await freePort()
    const first = await startServer({ dataDir, port })
    const client = new RestClient(first.url, first.token)
    const fitted = await client.fit('classification', iris.train.x, iris.train.y)
    const file = { format: 'csv' }
    const prepared = await client.post('prepare_train_set_upload', { x_train_info: file, y_train_info: file })
    await client.put(prepared.body.x_train_info, iris.train.x)
    await first.stop('SIGKILL')

    const second = await startServer({ dataDir, port })
    const id = fitted.body.fitted_train_set_id
    expect((await client.predict(id, 'classification', iris.test.x, {})).status).toBe(200)
    expect((await client.put(prepared.body.y_train_info, iris.train.y)).status).toBe(200)
    const late = await client.post('fit', {
      train_set_upload_id: prepared.body.train_set_upload_id,
      task: 'classification',
    })
    expect(late).toMatchObject({ status: 200, body: { status: 'completed' } })
    await second.stop()
  })
})
