import type { StudioPrediction } from '@posterior/contracts'
import { predictPath, type Question, type Target } from './predict-api.ts'
import { Projects, Runs, Shares } from './studio.ts'
import { Tables } from './tables.ts'
import { type CallOptions, type ClientOptions, Transport } from './transport.ts'

/**
 * A Posterior server, for programs in Node and in browsers.
 *
 * Requests that may succeed later are sent again (see `retries`) as long as that does no harm. Every method throws
 * `PosteriorError` when the server refuses or cannot be reached, and the reason of `signal` when that fires.
 */
export class PosteriorClient {
  /** Fit and predict tables; `TabPFNClassifier` and `TabPFNRegressor` are built on it. */
  readonly tables: Tables
  readonly projects: Projects
  readonly runs: Runs
  readonly shares: Shares
  readonly #transport: Transport

  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options)
    this.tables = new Tables(this.#transport)
    this.projects = new Projects(this.#transport)
    this.runs = new Runs(this.#transport)
    this.shares = new Shares(this.#transport)
  }

  /** Ask a model, the brain of a run or a share link: context and query in one call, nothing is kept. */
  predict(target: Target, question: Question, options: CallOptions = {}): Promise<StudioPrediction> {
    // A share link may be limited to a number of calls, so it is asked once.
    const repeatable = !('share' in target)
    return this.#transport.json('POST', predictPath(target), { ...options, body: question, repeatable })
  }

  /** A route that has no method here. @param path with what stands in it encoded */
  request<T>(method: string, path: string, options: CallOptions & { body?: unknown } = {}): Promise<T> {
    return this.#transport.json(method, path, options)
  }
}
