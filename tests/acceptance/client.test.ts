/** The client for JavaScript against a started server (P22 of the studio's checklist: there is an SDK). */
import { PosteriorClient, PosteriorError, TabPFNClassifier, TabPFNRegressor } from '@posterior/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/start-server.ts'

let server: TestServer
let client: PosteriorClient

beforeAll(async () => {
  server = await startServer()
  client = new PosteriorClient({ url: server.url, token: server.token })
}, 60_000)
afterAll(() => server.stop())

const ROWS = Array.from({ length: 60 }, (_, i) => ({
  size: i % 10,
  street: i % 3 === 0 ? 'north' : 'south',
  built: i % 4 === 0 ? undefined : new Date(Date.UTC(2000 + (i % 7), 0, 1)),
}))

test('labels come back in their type, and a fitted model is found by its id', async () => {
  const codes = ROWS.map(({ size }) => (size > 4 ? '01' : '02'))
  const model = await new TabPFNClassifier({ client, estimators: 2 }).fit(ROWS, codes)
  const labels = await model.predict(ROWS.slice(0, 10))
  expect(labels).toEqual(codes.slice(0, 10))
  const { probabilities, classes } = await model.predictProba(ROWS.slice(0, 3))
  expect(classes).toEqual(['01', '02'])
  for (const [no, yes] of probabilities) expect(no! + yes!).toBeCloseTo(1, 6)
  expect(await new TabPFNClassifier({ client }).use(model.fitId).predict(ROWS.slice(0, 10))).toEqual(labels)
})

test('numbers come as points, quantiles and whole distributions', async () => {
  const y = ROWS.map(({ size }) => 100 + 10 * size)
  const model = await new TabPFNRegressor({ client, estimators: 2 }).fit(ROWS, y)
  const query = [{ size: 7, street: 'south', built: null }]
  const [mean] = await model.predict(query)
  expect(Math.abs(mean! - 170)).toBeLessThan(20)
  const [low, high] = await model.predictQuantiles(query, [0.1, 0.9])
  expect(low![0]).toBeLessThan(high![0]!)
  const { borders, logits } = await model.predictDistribution(query)
  expect(borders).toHaveLength(logits[0]!.length + 1)
})

test('what the server refuses is an error with its fields', async () => {
  const fit = new TabPFNRegressor({ client }).fit([[1], [2], [3]], [1, 2])
  await expect(fit).rejects.toMatchObject({ status: 422, code: 'ROW_COUNT_MISMATCH' })
  const stranger = new PosteriorClient({ url: server.url, token: 'wrong' })
  await expect(stranger.projects.list()).rejects.toBeInstanceOf(PosteriorError)
  await expect(client.runs.list('no-such-project')).rejects.toMatchObject({ status: 404 })
})

test('the brain of a run answers by project and by link', async () => {
  const project = (await client.projects.create({ name: 'Lines' })).slug
  const order = { prior: 'linear-regression', hyperparams: { steps: 3, batch_size: 2, seed: 3 } }
  const { slug } = await client.runs.create(project, order)
  const kinds: string[] = []
  for await (const { event } of client.runs.events(project, slug)) kinds.push(event)
  expect([kinds[0], kinds.at(-1)]).toEqual(['start', 'done'])
  expect((await client.runs.wait(project, slug)).results?.d_in).toBe(1)
  const question = { context: { x: [[1], [2], [3]], y: [2, 4, 6] }, query: { x: [[1.5]] } }
  const own = await client.predict({ project, run: slug }, question)
  expect(own.predictions).toHaveLength(1)
  const { token, id } = await client.shares.create(project, slug, { max_calls: 2 })
  const guest = new PosteriorClient({ url: server.url })
  expect((await guest.predict({ share: token }, question)).predictions).toEqual(own.predictions)
  await client.shares.revoke(project, slug, id)
  await expect(guest.predict({ share: token }, question)).rejects.toMatchObject({ status: 404 })
}, 120_000)
