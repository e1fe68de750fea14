/** What a runner says to a server that is away, refuses, or is none. */
import { appendFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tempDir } from '../../../../tests/support/temp-dir.ts'
import { EventSender } from './event-sender.ts'
import { JobFolder } from './job-folder.ts'
import { RunnerApi } from './runner-api.ts'

const HELD = { runId: 'a-run', claim: 'a-claim' }
const STATE = { status: 'running', cancel: false }

interface Heard {
  path: string
  token: string | undefined
  body: string
}

let server: Server
let url: string
let heard: Heard[]
/** Answers in turn; the last one stays. */
let answers: [status: number, body: unknown][]
let away: boolean[]

beforeEach(async () => {
  ;[heard, answers, away] = [[], [], []]
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      heard.push({ path: request.url ?? '', token: request.headers.authorization, body })
      const [status, answer] = answers.length > 1 ? answers.shift()! : answers[0]!
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => server.close())

const connect = (signal = new AbortController().signal, address = url) =>
  new RunnerApi({
    ...{ url: address, token: 'psr_secret', signal, backOffSeconds: [0.01] },
    onAway: (isAway) => away.push(isAway),
  })

test('a server that cannot answer now is asked again, and that is told once', async () => {
  answers = [
    [503, {}],
    [502, {}],
    [429, {}],
    [200, STATE],
  ]
  expect(await connect().heartbeat(HELD)).toEqual(STATE)
  expect([heard.length, away]).toEqual([4, [true, false]])
  expect(heard[0]).toMatchObject({
    path: '/runner/jobs/a-run/heartbeat?claim=a-claim',
    token: 'Token psr_secret',
  })
})

test('waiting for a server ends with the signal', async () => {
  const stop = new AbortController()
  const waiting = connect(stop.signal, 'http://127.0.0.1:9').heartbeat(HELD)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})

test('a job that is lost, one that is gone, a token that is not good, and a refusal are told apart', async () => {
  for (const [status, expected] of [
    [409, { name: 'JobLost', isGone: false }],
    [404, { name: 'JobLost', isGone: true }],
    [401, { name: 'CommandError' }],
    [422, { name: 'Refused' }],
  ] as const) {
    answers = [[status, { message: 'why' }]]
    const error = await connect()
      .heartbeat(HELD)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...expected, message: 'why' })
  }
})

test('what answers in other words is no server of this program', async () => {
  answers = [[200, { hello: 'world' }]]
  await expect(connect().heartbeat(HELD)).rejects.toThrow('does not answer as a server of this program would')
})

test('events are sent in their order with how many were sent before, and what is not finite is null', async () => {
  answers = [
    [503, {}],
    [200, { ...STATE, received: 3, dropped: 0 }],
  ]
  const errors: unknown[] = []
  const known = [{ event: 'start' }, { event: 'step', step: 0 }]
  const setup = {
    api: connect(),
    held: HELD,
    onState: () => {},
    onError: (error: unknown) => errors.push(error),
  }
  const sender = new EventSender(setup, { events: known, sent: 1 })
  sender.add({ event: 'step', step: 1, loss: Number.NaN, lr: Number.POSITIVE_INFINITY })
  await sender.flush()
  sender.stop()
  expect(heard.map(({ body }) => JSON.parse(body))).toEqual(
    [1, 2].map(() => ({
      from: 1,
      events: [
        { event: 'step', step: 0 },
        { event: 'step', step: 1, loss: null, lr: null },
      ],
    })),
  )
  expect(errors).toEqual([])
})

test('what is kept of a job is for its user alone, and survives a line that was cut off', async () => {
  const root = tempDir()
  const folder = await JobFolder.begin(root, { ...HELD, runSlug: 'v0_1', provider: 'cpu' })
  await folder.addEvent({ event: 'start' })
  appendFileSync(join(folder.path, 'events.jsonl'), '{"event": "st')
  const [found] = await JobFolder.unfinished(root, Date.now())
  expect([found?.head.claim, await found?.events()]).toEqual(['a-claim', [{ event: 'start' }]])
  await found?.addEvent({ event: 'step' })
  expect(await found?.events()).toEqual([{ event: 'start' }, { event: 'step' }])
  for (const [name, mode] of [
    ['', 0o700],
    ['claim.json', 0o600],
    ['events.jsonl', 0o600],
  ] as const) {
    expect([name, statSync(join(folder.path, name)).mode & 0o777]).toEqual([name, mode])
  }
  await folder.drop()
  expect(await JobFolder.unfinished(root, Date.now())).toEqual([])
  await expect(
    JobFolder.begin(root, { ...HELD, runId: '../up', runSlug: 'x', provider: 'cpu' }),
  ).rejects.toThrow('not the id')
})
