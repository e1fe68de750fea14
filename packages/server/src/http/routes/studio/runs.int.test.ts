/** Runs as programs use them; who may see and change them. */
import { runEventPageSchema, runSchema } from '@posterior/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeTrainer } from '../../../testing/fake-trainer.ts'
import { createAccounts, startTestServer, type TestServer, until } from '../../../testing/test-server.ts'

let server: TestServer
let trainer: FakeTrainer
let alice: string
let bob: string
let viewer: string
let viewerId: string

beforeAll(async () => {
  trainer = new FakeTrainer()
  server = await startTestServer({ trainer, env: { POSTERIOR_TRAINING_AT_ONCE: '64' } })
  ;[alice, bob, viewer] = (await createAccounts(server, 'alice', 'bob', 'viewer')) as [string, string, string]
  const { json } = await as(viewer, 'POST', '/projects', { name: 'own' })
  viewerId = (await as(viewer, 'GET', `/projects/${json.id}/members`)).json.members[0].accountId
})
afterAll(() => server.close())

const as = (token: string, method: string, path: string, body?: unknown, headers = {}) =>
  server.call(method, path, { token, headers, ...(body !== undefined && { body }) })

let count = 0
async function makeProject(token = alice): Promise<string> {
  const { json } = await as(token, 'POST', '/projects', { name: `Project ${++count}` })
  return `/projects/${json.id}`
}

const ORDER = { prior: 'coin-flip', hyperparams: { steps: 3 } }

async function makeRun(project: string, order: unknown = ORDER) {
  const answer = await as(alice, 'POST', `${project}/runs`, order)
  expect([answer.status, answer.json.error]).toEqual([201, null])
  await until(() => trainer.started.some(({ id }) => id === answer.json.id))
  return { ...answer.json, training: trainer.started.find(({ id }) => id === answer.json.id)! }
}

test('a run is queued, trained and shown by id and slug, with and without /api', async () => {
  const project = await makeProject()
  const { id, slug, training } = await makeRun(project)
  expect(slug).toBe('v0_1')
  training.finish()
  await until(async () => (await as(alice, 'GET', `${project}/runs/${id}`)).json.status === 'completed')
  const { json } = await as(alice, 'GET', `${project}/runs/${id}`)
  expect(runSchema.parse(json)).toMatchObject({
    prior: { slug: 'coin-flip', version: '1.0.0' },
    model: { slug: 'quick', size: 'quick' },
    results: { steps: 2, d_in: 1 },
  })
  for (const path of [`/api${project}/runs/${slug}`, `${project}/runs/v0-1`]) {
    const headers = { authorization: `Token ${alice}` }
    expect((await server.call('GET', path, { token: null, headers })).json).toEqual(json)
  }
  expect((await as(alice, 'GET', `${project}/runs`)).json.runs).toEqual([json])
  const again = await as(alice, 'POST', `${project}/runs/${id}/cancel`)
  expect([again.status, again.json.error_code]).toEqual([409, 'RUN_OVER'])
  const taken = await as(alice, 'POST', `${project}/runs`, { ...ORDER, slug: 'v0-1' })
  expect([taken.status, taken.json.error_code]).toEqual([409, 'RUN_SLUG_TAKEN'])
})

test('events come in pages and as a stream that goes on where a client left it', async () => {
  const project = await makeProject()
  const { id, training } = await makeRun(project)
  const path = `${project}/runs/${id}/events`
  for (const step of [0, 1, 2]) training.emit({ event: 'step', fields: { step, loss: 1 } })
  await until(async () => (await as(alice, 'GET', path)).json.events.length === 3)
  const page = runEventPageSchema.parse((await as(alice, 'GET', `${path}?after=1&limit=1`)).json)
  expect(page).toMatchObject({ events: [{ seq: 2, event: 'step', step: 1 }], next: 2, more: true })

  const accept = { accept: 'text/event-stream' }
  const stream = as(alice, 'GET', path, undefined, { ...accept, 'last-event-id': '2' })
  training.emit({ event: 'log', fields: { line: 'later' } })
  training.finish()
  const { headers, text } = await stream
  expect(headers.get('content-type')).toContain('text/event-stream')
  expect([...text.matchAll(/^id: (\d+)\nevent: (\w+)$/gm)].map((match) => match.slice(1))).toEqual([
    ['3', 'step'],
    ['4', 'log'],
    ['5', 'done'],
  ])
})

test('a run that trains can be cancelled, and cancelled again', async () => {
  const project = await makeProject()
  const { id, training } = await makeRun(project)
  for (let i = 0; i < 2; i++) {
    const { status, json } = await as(alice, 'POST', `${project}/runs/${id}/cancel`)
    expect([status, json.status, json.results]).toEqual([200, 'cancelled', null])
  }
  expect(training.isStopped).toBe(true)
  const { json } = await as(alice, 'GET', `${project}/runs/${id}/events`)
  expect(json.events).toMatchObject([{ event: 'done', status: 'cancelled' }])
})

test('deleting a run, its project or its account stops the training and removes the files', async () => {
  const [one, two, three] = [await makeProject(), await makeProject(), await makeProject(bob)]
  const runs = [await makeRun(one), await makeRun(two)]
  const { json } = await as(bob, 'POST', `${three}/runs`, ORDER)
  await until(() => trainer.folders.has(json.id))
  expect((await as(alice, 'DELETE', `${one}/runs/${runs[0].id}`)).status).toBe(200)
  expect((await as(alice, 'DELETE', two)).status).toBe(200)
  expect((await as(bob, 'DELETE', '/delete_user_account/')).status).toBe(200)
  for (const id of [runs[0].id, runs[1].id, json.id]) {
    expect(trainer.folders.has(id)).toBe(false)
    expect(trainer.started.find((training) => training.id === id)?.isStopped).toBe(true)
  }
  expect((await as(alice, 'GET', `${one}/runs/${runs[0].id}`)).status).toBe(404)
})

test('viewers watch, strangers find nothing', async () => {
  const project = await makeProject()
  await as(alice, 'POST', `${project}/members`, { account: viewerId, role: 'viewer' })
  const { id, training } = await makeRun(project)
  const [stranger] = await createAccounts(server, 'stranger')
  const calls = [
    ['GET', '/runs', 200],
    ['GET', `/runs/${id}`, 200],
    ['GET', `/runs/${id}/events`, 200],
    ['POST', '/runs', 403, ORDER],
    ['POST', `/runs/${id}/cancel`, 403],
    ['POST', `/runs/${id}/submit`, 403],
    ['POST', `/runs/${id}/duplicate`, 403],
    ['DELETE', `/runs/${id}`, 403],
  ] as const
  for (const [method, path, status, body] of calls) {
    expect([path, (await as(viewer, method, project + path, body)).status]).toEqual([path, status])
    const answer = await as(stranger!, method, project + path, body)
    expect([path, answer.status, answer.json.error_code]).toEqual([path, 404, 'NOT_FOUND'])
  }
  // A run is found in its own project alone.
  const other = await makeProject()
  expect((await as(alice, 'GET', `${other}/runs/${id}`)).status).toBe(404)
  const stream = { accept: 'text/event-stream' }
  expect((await as(stranger!, 'GET', `${project}/runs/${id}/events`, undefined, stream)).status).toBe(404)
  training.finish()
})

test('what cannot be trained as it was asked for is refused by its field', async () => {
  const project = await makeProject()
  const post = (plural: string, body: unknown) => as(alice, 'POST', `${project}/${plural}`, body)
  await post('models', { name: 'Nothing', slug: 'nothing' })
  await post('models', { name: 'Sized', slug: 'sized', size: 'steady' })
  await post('evals', { name: 'Goal', slug: 'goal' })
  const refused = [
    [{ ...ORDER, model: 'nothing' }, 'model'],
    [{ ...ORDER, model: 'huge' }, 'model'],
    [{ ...ORDER, model: { id: 'sized', version: '9.0.0' } }, 'model.version'],
    [{ ...ORDER, evals: ['unknown'] }, 'evals.0'],
    [{ ...ORDER, hyperparams: { dropout: 0.1 } }, 'hyperparams.dropout'],
    [{ ...ORDER, hyperparams: { steps: 3, epochs: 4 } }, 'hyperparams.epochs'],
    [{ ...ORDER, hyperparams: { steps: 3, minutes: 0 } }, 'hyperparams.minutes'],
    [{ ...ORDER, hyperparams: { optimizer: 'sgd' } }, 'hyperparams.optimizer'],
    [{ ...ORDER, compute: { max_seconds: 0 } }, 'compute.max_seconds'],
    [{ ...ORDER, status: 'running' }, 'status'],
  ] as const
  for (const [body, field] of refused) {
    const { status, json } = await post('runs', body)
    expect([body, status, json.errors?.[0].field]).toEqual([body, 422, field])
  }
  const { model, evals, training } = await makeRun(project, { ...ORDER, model: 'sized', evals: ['goal'] })
  expect([model.size, model.version, evals[0].slug]).toEqual(['steady', '0.1.0', 'goal'])
  training.finish()
})

test('a draft waits until it is submitted, once', async () => {
  const project = await makeProject()
  const { json: draft } = await as(alice, 'POST', `${project}/runs`, { ...ORDER, status: 'draft' })
  expect([draft.status, draft.startedAt]).toEqual(['draft', null])
  // What is queued after it goes first.
  const { training } = await makeRun(project)
  training.finish()
  expect(trainer.started.some(({ id }) => id === draft.id)).toBe(false)
  const submit = () => as(alice, 'POST', `${project}/runs/${draft.slug}/submit`)
  expect((await submit()).status).toBe(200)
  await until(() => trainer.started.some(({ id }) => id === draft.id))
  const again = await submit()
  expect([again.status, again.json.error_code]).toEqual([409, 'RUN_NOT_DRAFT'])
  trainer.started.find(({ id }) => id === draft.id)!.finish()

  const { json: other } = await as(alice, 'POST', `${project}/runs`, { ...ORDER, status: 'draft' })
  const { json: cancelled } = await as(alice, 'POST', `${project}/runs/${other.id}/cancel`)
  expect(cancelled.status).toBe('cancelled')
})

test('a run is ordered again as it was, but for what is said', async () => {
  const project = await makeProject()
  await as(alice, 'POST', `${project}/evals`, { name: 'Goal', slug: 'goal' })
  const order = { prior: { id: 'coin-flip', overrides: { num_flips: 12 } }, evals: ['goal'] }
  const { id, training } = await makeRun(project, {
    ...order,
    hyperparams: { steps: 3, seed: 5 },
    compute: { max_seconds: 60 },
  })
  training.finish()
  const path = `${project}/runs/${id}/duplicate`
  const { status, json } = await as(alice, 'POST', path, { hyperparams: { seed: 6 }, status: 'draft' })
  expect([status, json.slug, json.status]).toEqual([201, 'v0_2', 'draft'])
  expect(json).toMatchObject({
    prior: { slug: 'coin-flip', version: '1.0.0', overrides: { num_flips: 12 } },
    evals: [{ slug: 'goal', version: '0.1.0' }],
    hyperparams: { steps: 3, seed: 6 },
    compute: { target: 'server', max_seconds: 60 },
  })
  expect((await as(alice, 'POST', path)).status).toBe(201)
})

test('a run on a prior of the catalogue is ordered again on that one, whatever the project has made since', async () => {
  const project = await makeProject()
  const { id, training } = await makeRun(project, { ...ORDER, model: 'quick' })
  training.finish()
  for (const [plural, slug] of [
    ['priors', 'coin-flip'],
    ['models', 'quick'],
  ]) {
    const made = await as(alice, 'POST', `${project}/${plural}`, { name: 'Ours', slug, version: '7.0.0' })
    expect(made.status).toBe(201)
  }
  const { status, json } = await as(alice, 'POST', `${project}/runs/${id}/duplicate`)
  expect([status, json.prior, json.model]).toMatchObject([
    201,
    { slug: 'coin-flip', id: null, version: '1.0.0' },
    { slug: 'quick', id: null, size: 'quick' },
  ])
  // A new order means what the project has, which here says nothing of its size.
  const { json: refused } = await as(alice, 'POST', `${project}/runs`, ORDER)
  expect(refused.errors[0].field).toBe('model')
})

test('runs are listed in pages, by status', async () => {
  const project = await makeProject()
  for (let i = 0; i < 3; i++) await as(alice, 'POST', `${project}/runs`, { ...ORDER, status: 'draft' })
  await as(alice, 'POST', `${project}/runs/v0_2/cancel`)
  const list = async (query: string) => {
    const { json } = await as(alice, 'GET', `${project}/runs${query}`)
    return [json.total, json.runs?.map(({ slug }: { slug: string }) => slug)]
  }
  expect(await list('')).toEqual([3, ['v0_1', 'v0_2', 'v0_3']])
  expect(await list('?status=draft&order=newest')).toEqual([2, ['v0_3', 'v0_1']])
  expect(await list('?limit=1&offset=1')).toEqual([3, ['v0_2']])
  expect(await list('?status=completed,failed')).toEqual([0, []])
  expect((await as(alice, 'GET', `${project}/runs?status=done`)).status).toBe(422)
})

test('brains that are too large together to be imported are not exported', async () => {
  const project = await makeProject()
  const { id, training } = await makeRun(project)
  training.finish()
  await until(async () => (await as(alice, 'GET', `${project}/runs/${id}`)).json.status === 'completed')
  trainer.brains.set(id, 'x'.repeat(34_000_000))
  const refused = await as(alice, 'GET', `${project}/export?brains=true`)
  expect([refused.status, refused.json.error_code]).toEqual([409, 'STUDIO_LIMIT_REACHED'])
  trainer.brains.delete(id)
  expect((await as(alice, 'GET', `${project}/export`)).status).toBe(200)
})
