/** Runs are scored on the datasets of their project: through the API, by the trainer that a server has. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const FLIPS = `turn,part,face\n${Array.from({ length: 48 }, (_, i) => `${i},${i % 3 ? 'train' : 'test'},${i % 2}`).join('\n')}\n`

test('an eval that names a stored dataset measures the run on it, with its key and hash', async () => {
  const call = async (path: string, body: unknown) => {
    const answer = await server.call('POST', path, { body })
    expect(answer.status, answer.text).toBeLessThan(300)
    return answer.json
  }
  await call('/projects', { name: 'Coins' })
  const query = 'slug=flips&version=1.0.0&target=face&split_column=part'
  const { key, sha256 } = await call(`/projects/coins/datasets?${query}`, FLIPS)
  // A later version is not the one that the eval names.
  await call('/projects/coins/datasets?slug=flips&version=2.0.0&target=face', FLIPS)
  const real = { task: 'classification', metrics: ['accuracy', 'nll'] }
  await call('/projects/coins/evals', {
    ...real,
    slug: 'real',
    dataset: { name: key, kind: 'real', split: 'test' },
  })
  await call('/projects/coins/evals', { ...real, slug: 'lost', dataset: { name: 'registry:lost@1.0.0' } })
  const order = {
    prior: 'coin-flip',
    evals: ['real', 'lost'],
    hyperparams: { steps: 1, batch_size: 1, eval_every: 0 },
  }
  const { id } = await call('/projects/coins/runs', order)
  const path = `/projects/coins/runs/${id}`
  await until(async () => (await server.call('GET', path)).json.status === 'completed', 150_000)
  const { evals } = (await server.call('GET', path)).json.results
  expect(evals.real, JSON.stringify(evals.real)).toMatchObject({ skipped: false })
  expect(Object.keys(evals.real.metrics)).toEqual(
    expect.arrayContaining(['accuracy', 'nll', 'linear_nll', 'constant_nll']),
  )
  expect(evals.real.meta).toMatchObject({
    dataset: 'registry:flips@1.0.0',
    sha256,
    split: 'test',
    query_rows: 16,
  })
  expect(evals.lost).toMatchObject({ skipped: true })
  expect(evals.lost.skip_reason).toContain('The project has no dataset "lost@1.0.0"')
}, 180_000)
