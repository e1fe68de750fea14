/** A server that runners ask for work, with a trainer and a clock that tests move by hand. */
import { deepEqual, match } from 'node:assert/strict'
import { nextJobSchema } from '@posterior/contracts'
import { FakeTrainer } from './fake-trainer.ts'
import { type Answer, createAccounts, startTestServer, type TestServer } from './test-server.ts'

/** What is ordered, but for where it trains. */
export const ORDER = { prior: 'coin-flip', hyperparams: { steps: 3 } }

export class RunnerServer {
  readonly trainer = new FakeTrainer()
  /** What the server takes for the time. */
  now = Date.parse('2026-11-22T08:00:00Z')
  /** Projects so far. */
  count = 0
  /** The project of `alice`, as a path. */
  project = ''
  alice = ''
  bob = ''
  /** Tokens of two runners of `alice`. */
  first = ''
  second = ''
  #server: TestServer | undefined

  get server(): TestServer {
    if (!this.#server) throw new Error('the server is not started')
    return this.#server
  }

  async start(): Promise<void> {
    this.#server = await startTestServer({ trainer: this.trainer, clock: { now: () => this.now } })
  }

  /** New accounts with a project and runners, so that the runners of a test find its own runs alone. */
  async renew(): Promise<void> {
    ;[this.alice, this.bob] = (await createAccounts(this.server, 'alice', 'bob')) as [string, string]
    const { json } = await this.as(this.alice, 'POST', '/projects', { name: `Project ${++this.count}` })
    this.project = `/projects/${json.id}`
    this.first = await this.issue(this.alice, `first ${this.count}`)
    this.second = await this.issue(this.alice, `second ${this.count}`)
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    this.server.call(method, path, { token, ...(body !== undefined && { body }) })

  /** A new runner; answers its token. */
  issue = async (token: string, name: string): Promise<string> => {
    const { status, json } = await this.as(token, 'POST', '/runners', { name })
    deepEqual(status, 201)
    match(json.token, /^psr_[0-9a-f]{48}$/)
    return json.token
  }

  /** A new run of the project; answers its id. */
  order = async (target = 'runner'): Promise<string> => {
    // Runs that came at the same moment have no order.
    this.now += 1
    const body = { ...ORDER, compute: { target } }
    const { status, json } = await this.as(this.alice, 'POST', `${this.project}/runs`, body)
    deepEqual([status, json.error], [201, null])
    return json.id
  }

  poll = async (token: string, wait = 0) =>
    nextJobSchema.parse((await this.as(token, 'GET', `/runner/jobs/next?wait=${wait}`)).json)

  /** The next job of a runner, and a way to talk about it. */
  take = async (token: string) => {
    const next = await this.poll(token)
    if (next.status !== 'job') throw new Error('there was no job')
    const { runId, claim } = next.job
    const say = (what: string, body?: unknown, claimed = claim) =>
      this.as(token, 'POST', `/runner/jobs/${runId}/${what}?claim=${claimed}`, body)
    return { ...next, runId, claim, say }
  }

  runOf = async (id: string) => (await this.as(this.alice, 'GET', `${this.project}/runs/${id}`)).json

  /** Kind and line of each event of a run. */
  linesOf = async (id: string): Promise<[string, string | undefined][]> => {
    const { json } = await this.as(this.alice, 'GET', `${this.project}/runs/${id}/events`)
    return json.events.map((event: { event: string; line?: string }) => [event.event, event.line])
  }
}
