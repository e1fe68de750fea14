/** A server whose clock tests move, with accounts that fit and predict: for tests of what is charged. */
import { FakePredictor } from './fake-predictor.ts'
import { type MailLog, mailLog } from './mail-log.ts'
import {
  type Answer,
  CLASSES_CSV,
  createAccounts,
  fitTrainSet,
  startTestServer,
  type TestServer,
  temporaryFolder,
  uploadTestSet,
  whenReady,
} from './test-server.ts'

/** Price of the small predictions of these tests, in tokens. */
export const FLOOR = 10_000

/** The rows that they ask for. */
export const ROWS = 'a,b\n1,2\n3,4\n'

export const refusal = ({ status, json }: Answer) => [status, json?.error_code, json?.code]
export const QUOTA_REFUSAL = [429, 'INSUFFICIENT_QUOTA', 'rate.limit.exceeded']
export const rateHeaders = ({ headers }: Answer) =>
  ['limit', 'remaining', 'reset', 'resource'].map((name) => headers.get(`x-ratelimit-${name}`))

export class MeteredServer {
  /** What the server takes for the time. */
  now = 0
  predictor = new FakePredictor()
  post: MailLog = mailLog()
  #folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined
  #server: TestServer | undefined

  /** The server that runs. */
  get server(): TestServer {
    if (!this.#server) throw new Error('the server is not started')
    return this.#server
  }

  /** Before each test: nothing is stored, and it is noon. */
  async prepare(): Promise<void> {
    this.#folder = await temporaryFolder()
    this.now = Date.parse('2026-11-22T12:00:00Z')
    this.predictor = new FakePredictor()
  }

  /** After each test. */
  async finish(): Promise<void> {
    await this.#server?.close()
    this.#server = undefined
    await this.#folder?.cleanUp()
  }

  /** A server on what is stored, in the place of the one that runs. */
  start = async (env: Record<string, string> = {}): Promise<TestServer> => {
    await this.#server?.close()
    this.post = mailLog()
    const clock = { now: () => this.now }
    const { predictor, post } = this
    this.#server = await startTestServer({
      env,
      predictor,
      dataDir: this.#folder!.path,
      clock,
      log: post.log,
    })
    await whenReady(this.#server)
    return this.#server
  }

  /** An account with a fit and the rows of a test set. */
  customer = async (running: TestServer, name: string, token = '') => {
    if (token === '') [token = ''] = await createAccounts(running, name)
    const fit = await fitTrainSet(running, CLASSES_CSV, { token })
    const rows = await uploadTestSet(running, fit, ROWS, token)
    const call = (method: string, path: string, body?: unknown) =>
      this.server.call(method, path, { token, body })
    const predict = (change: { output?: string; config?: unknown; rows?: string } = {}) => {
      const { output = 'probas', config } = change
      const task_config = {
        task: 'classification',
        predict_params: { output_type: output },
        tabpfn_config: config,
      }
      const body = { fitted_train_set_id: fit, test_set_upload_id: change.rows ?? rows, task_config }
      return call('POST', '/tabpfn/predict', body)
    }
    /** A test set of its own, so that its prediction is a request of its own. */
    const newRows = (cells = ROWS) => uploadTestSet(this.server, fit, cells, token)
    const usage = async () => (await call('POST', '/get_api_usage/')).json
    const used = async () => (await usage()).daily_tokens_used as number
    return { token, fit, rows, call, predict, newRows, usage, used }
  }
}
