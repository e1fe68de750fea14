/** A server with three accounts, and calls about the projects of the first of them. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { studioErrorSchema } from '@posterior/contracts'
import { type Answer, createAccounts, startTestServer, type TestServer } from './test-server.ts'

/** The id of nothing. */
export const UNKNOWN = '00000000-0000-4000-8000-000000000000'

/** A prior of a project, with everything that it may say. */
export const PRIOR = {
  name: 'Straight lines',
  slug: 'straight_lines',
  version: '1.0.0',
  kind: 'tabular',
  description: 'y = a x + b',
  rationale: '# Why\nLines are everywhere.\n',
  parameters: { noise: { type: 'float', range: [0.01, 1], default: 0.1 } },
  outputs: { variables: [{ name: 'X', type: 'tensor', shape: '(n, d)' }] },
  citations: ['gauss1809'],
  code: 'def sample(seed):\n    return seed\n',
  requirements: 'numpy\n',
  pythonVersion: '3.11',
}

/** A model of a project. */
export const MODEL = {
  name: 'Small',
  slug: 'small',
  version: '1.0.0',
  inputShape: '(n, 4)',
  blocks: [
    { type: 'tabular_embedder', config: { d_in: 4 } },
    { type: 'transformer_encoder' },
    { type: 'quantile_head' },
  ],
  outputHeads: [{ name: 'y', task: 'regression' }],
}

/** The server, its accounts by their tokens, and what tests of projects ask of it. */
export class StudioServer {
  readonly server: TestServer
  readonly alice: string
  readonly bob: string
  readonly carol: string
  /** Projects so far. */
  count = 0

  private constructor(server: TestServer, [alice, bob, carol]: readonly string[]) {
    this.server = server
    this.alice = alice!
    this.bob = bob!
    this.carol = carol!
  }

  static async start(): Promise<StudioServer> {
    const server = await startTestServer()
    return new StudioServer(server, await createAccounts(server, 'alice', 'bob', 'carol'))
  }

  close(): Promise<void> {
    return this.server.close()
  }

  as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    this.server.call(method, path, { token, ...(body !== undefined && { body }) })

  /** A new project of `token`; answers its id. */
  makeProject = async (token = this.alice, name = `Project ${++this.count}`): Promise<string> => {
    const answer = await this.as(token, 'POST', '/projects', { name })
    deepEqual([answer.status, answer.json.role], [201, 'owner'])
    return answer.json.id
  }

  accountId = async (token: string): Promise<string> => {
    const own = await this.makeProject(token)
    return (await this.as(token, 'GET', `/projects/${own}/members`)).json.members[0].accountId
  }

  /** A membership as `add` of the owner makes it. */
  addMember = async (project: string, token: string, role: string): Promise<string> => {
    const id = await this.accountId(token)
    const answer = await this.as(this.alice, 'POST', `/projects/${project}/members`, { account: id, role })
    equal(answer.status, 201)
    return id
  }
}

/** An answer of this status and code, with the text that programs of the studio read. */
export function expectRefused(answer: Answer, status: number, code: string): void {
  deepEqual([answer.status, answer.json.error_code], [status, code])
  ok(studioErrorSchema.parse(answer.json).error.length > 0)
}

/** The same answer for a foreign id as for an unknown one, but for the id and the trace. */
export function expectSame(foreign: Answer, unknown: Answer, id: string): void {
  const comparable = ({ status, text, json }: Answer, shown: string) => [
    status,
    text.replaceAll(shown, 'ID').replaceAll(json.trace_id, ''),
  ]
  deepEqual(comparable(foreign, id), comparable(unknown, UNKNOWN))
  equal(foreign.status, 404)
}
