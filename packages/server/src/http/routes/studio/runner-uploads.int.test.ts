/** What runners fetch and upload: bundles, states on the way and brains. */
import { gunzipSync } from 'node:zlib'
import { readTar } from '@posterior/project'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ORDER, RunnerServer } from '../../../testing/runner-server.ts'
import type { TestServer } from '../../../testing/test-server.ts'

const calls = new RunnerServer()
const { as, issue, order, take, runOf, trainer } = calls
let server: TestServer
let alice: string
let bob: string
let project: string
let first: string
let second: string

beforeAll(() => calls.start())
afterAll(() => calls.close())
beforeEach(async () => {
  await calls.renew()
  ;({ server, alice, bob, project, first, second } = calls)
})

test('a run is completed by an uploaded checkpoint and a result', async () => {
  const id = await order()
  const { say, runId, claim } = await take(first)
  const path = `/runner/jobs/${runId}/artifact?claim=${claim}`
  const send = (content: string, token = first) => {
    const body = new FormData()
    body.set('file', new Blob([content]), 'checkpoint.tar.gz')
    return fetch(server.url + path, { method: 'POST', body, headers: { authorization: `Token ${token}` } })
  }
  const bad = await send('bad')
  expect([bad.status, await bad.json()]).toMatchObject([422, { errors: [{ field: 'file' }] }])
  expect((await say('result', { status: 'completed', results: { steps: 3 } })).status).toBe(409)
  expect([(await send('weights', second)).status, trainer.brains.has(id)]).toEqual([409, false])
  const good = await send('weights')
  expect([good.status, await good.json()]).toEqual([200, { bytes: 7 }])
  const again = await server.call('POST', `/api${path}`, { token: first, body: 'new weights' })
  expect([again.status, trainer.brains.get(id)]).toEqual([200, 'new weights'])

  const done = { event: 'done', status: 'completed', steps: 3, final_loss: 0.25, checkpoint_dir: '/srv/x' }
  const told = await say('result', {
    status: 'completed',
    events: [done],
    artifactRef: { localPath: '/srv' },
  })
  expect(told.json).toEqual({ status: 'completed', cancel: true })
  const run = await runOf(id)
  expect(run).toMatchObject({ status: 'completed', results: { steps: 3, final_loss: 0.25, d_in: 1 } })
  const { text } = await as(alice, 'GET', `${project}/runs/${id}/events`)
  expect(text).toContain(`"artifactRef":{"kind":"server","runId":"${id}","sizeBytes":11}`)
  expect(text).not.toContain('/srv')
  const late = await send('late weights')
  expect([late.status, trainer.brains.get(id)]).toEqual([409, 'new weights'])
  const parts = new FormData()
  parts.set('other', 'text')
  await order()
  const next = await take(first)
  const wrong = await fetch(`${server.url}/runner/jobs/${next.runId}/artifact`, {
    method: 'POST',
    body: parts,
    headers: { authorization: `Token ${first}` },
  })
  expect([wrong.status, ((await wrong.json()) as { error: string }).error]).toEqual([
    400,
    expect.stringContaining('"other"'),
  ])
})

test('the bundle holds what the run refers to, and the plan', async () => {
  const post = (plural: string, body: unknown) => as(alice, 'POST', `${project}/${plural}`, body)
  await post('models', { name: 'Sized', slug: 'sized', size: 'steady', version: '1.0.0' })
  await post('evals', { name: 'Goal', slug: 'goal' })
  await post('evals', { name: 'Other', slug: 'other' })
  const compute = { target: 'runner' }
  const body = { ...ORDER, model: 'sized', evals: ['goal'], compute }
  const { json } = await as(alice, 'POST', `${project}/runs`, body)
  // A later version is none of the run's business.
  await as(alice, 'PATCH', `${project}/models/sized`, { description: 'later' })
  const { runId } = await take(first)
  const answer = await fetch(`${server.url}/api/runner/jobs/${runId}/bundle`, {
    headers: { authorization: `Bearer ${first}` },
  })
  const files = readTar(gunzipSync(Buffer.from(await answer.arrayBuffer())), { maxEntries: 100 })
  const texts = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
  expect([...texts.keys()].sort()).toEqual([
    ...['evals/goal.yaml', 'models/sized.yaml', 'posterior/plan.json', `runs/${json.slug}.yaml`],
  ])
  expect(texts.get('models/sized.yaml')).not.toContain('later')
  expect(JSON.parse(texts.get('posterior/plan.json')!)).toEqual({ format: 1, plan: { fake: true } })
  expect((await as(second, 'GET', `/runner/jobs/${runId}/bundle`)).status).toBe(409)
})

test('nothing is completed without a brain', async () => {
  const id = await order()
  const { say } = await take(first)
  const answer = await say('result', { status: 'completed', results: { steps: 3 } })
  expect([answer.status, answer.json.error_code]).toEqual([409, 'BRAIN_MISSING'])
  expect((await runOf(id)).status).toBe('running')
})

test('the next runner goes on from the state that was uploaded last; only who has the run may touch it', async () => {
  const id = await order()
  const job = await take(first)
  expect(job.job.checkpoint).toBeNull()
  const path = `/runner/jobs/${id}/checkpoint`
  const send = async (token: string, state: string) => {
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/gzip' }
    const answer = await fetch(`${server.url}/api${path}`, { method: 'POST', headers, body: state })
    return [answer.status, await answer.json()] as const
  }
  const fetchState = async (token: string) => {
    const answer = await fetch(server.url + path, { headers: { authorization: `Token ${token}` } })
    return [answer.status, await answer.text()] as const
  }
  expect((await fetchState(first))[0]).toBe(404)
  expect(await send(first, '40')).toEqual([200, { bytes: 100, step: 40 }])
  expect((await send(first, 'bad'))[1]).toMatchObject({ error_code: 'CHECKPOINT_INVALID' })
  expect(await fetchState(first)).toEqual([200, '40'])

  const foreign = await issue(bob, 'foreign')
  for (const [token, code] of [
    [second, 'CLAIM_LOST'],
    [foreign, 'NOT_FOUND'],
    [alice, 'UNAUTHORIZED'],
  ] as const) {
    expect((await send(token, '41'))[1]).toMatchObject({ error_code: code })
    expect(JSON.parse((await fetchState(token))[1])).toMatchObject({ error_code: code })
  }

  calls.now += 91_000
  const next = await take(second)
  expect(next.job).toMatchObject({ runId: id, checkpoint: { step: 40 } })
  expect((await send(first, '50'))[1]).toMatchObject({ error_code: 'CLAIM_LOST' })
  expect(await fetchState(second)).toEqual([200, '40'])
  await next.say('result', { status: 'failed', error: 'enough' })
  expect((await send(second, '60'))[1]).toMatchObject({ error_code: 'CLAIM_LOST' })
})

test('a checkpoint that comes after the brain takes its place, so that the run is not completed with it', async () => {
  const id = await order()
  const job = await take(first)
  const post = (what: string, body: string) =>
    fetch(`${server.url}/runner/jobs/${id}/${what}`, {
      method: 'POST',
      headers: { authorization: `Token ${first}`, 'content-type': 'application/gzip' },
      body,
    })
  expect((await post('artifact', 'brain')).status).toBe(200)
  expect((await post('checkpoint', '3')).status).toBe(200)
  const early = await job.say('result', { status: 'completed', results: { steps: 3 } })
  expect(early.json.error_code).toBe('BRAIN_MISSING')
  expect((await post('artifact', 'brain')).status).toBe(200)
  expect((await job.say('result', { status: 'completed', results: { steps: 3 } })).status).toBe(200)
})
