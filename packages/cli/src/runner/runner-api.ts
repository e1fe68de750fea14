/** What a runner says to its server. A server that is away is waited for; one that refuses is believed. */
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type JobState,
  jobStateSchema,
  type NextJob,
  nextJobSchema,
  type RunnerCapabilities,
  type RunnerEvent,
  type RunnerHello,
  type RunnerResult,
  runnerHelloSchema,
  type ToldEvents,
  toldEventsSchema,
} from '@posterior/contracts'
import { CommandError } from '../command.ts'

/** Seconds between two tries while the server is away; the last one stays. */
export const BACK_OFF_SECONDS = [2, 5, 15, 30, 60] as const

/** Longest time that an answer may take: one to a question for work is held for 25 s. */
const POLL_MS = 35_000
const CALL_MS = 30_000
const GZIP = 'application/gzip'
const UPLOAD_MS = 1_800_000
/** The last upload of a runner that is told to end. */
const LAST_MS = 30_000

/** The run is not this runner's: another one has it, or it is gone. */
export class JobLost extends Error {
  override readonly name = 'JobLost'
  /** Whether the run is gone for good. */
  readonly isGone: boolean

  constructor(message: string, isGone: boolean) {
    super(message)
    this.isGone = isGone
  }
}

/** The server does not take what was sent. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export interface RunnerApiOptions {
  /** Without a slash at its end. */
  url: string
  token: string
  /** Stops everything, also the waiting. */
  signal: AbortSignal
  /** Called once when the server stops answering, and once when it answers again. */
  onAway?: (isAway: boolean) => void
  backOffSeconds?: readonly number[]
}

/** The run that calls are about. */
export interface Held {
  runId: string
  claim: string
}

interface Schema<T> {
  safeParse(value: unknown): { data?: T | undefined; error?: unknown }
}

interface Call {
  method: 'GET' | 'POST'
  path: string
  body?: object | FormData
  timeoutMs?: number
  /** Give up at once when the server is away. */
  once?: boolean
}

export class RunnerApi {
  readonly #options: RunnerApiOptions
  #isAway = false

  constructor(options: RunnerApiOptions) {
    this.#options = options
  }

  /** Whether there is a server. */
  async health(): Promise<void> {
    await this.#call({ method: 'GET', path: '/health', once: true })
  }

  /** Tell what this machine is. @returns as which runner the token is known, and the version of the server */
  async introduce(capabilities: RunnerCapabilities, { once = false } = {}): Promise<RunnerHello> {
    const body = { capabilities }
    const answer = await this.#call({ method: 'POST', path: '/runner/capabilities', body, once })
    return this.#read(runnerHelloSchema, answer)
  }

  /** The next run; undefined when none came for a while. */
  async next(): Promise<(NextJob & { status: 'job' })['job'] | undefined> {
    const answer = await this.#call({ method: 'GET', path: '/runner/jobs/next', timeoutMs: POLL_MS })
    const next = await this.#read(nextJobSchema, answer)
    return next.status === 'job' ? next.job : undefined
  }

  /** The bundle as it came. */
  async bundle(held: Held): Promise<Buffer> {
    const answer = await this.#call({ method: 'GET', path: pathOf(held, 'bundle') })
    return Buffer.from(await answer.arrayBuffer())
  }

  /** The runner is at work. */
  async heartbeat(held: Held): Promise<JobState> {
    const answer = await this.#call({ method: 'POST', path: pathOf(held, 'heartbeat') })
    return this.#read(jobStateSchema, answer)
  }

  /** @param from  number of the events that were told before these */
  async tell(held: Held, events: RunnerEvent[], from: number): Promise<ToldEvents> {
    const answer = await this.#call({ method: 'POST', path: pathOf(held, 'events'), body: { events, from } })
    return this.#read(toldEventsSchema, answer)
  }

  /** How the run ended. */
  async result(held: Held, result: RunnerResult): Promise<JobState> {
    const answer = await this.#call({ method: 'POST', path: pathOf(held, 'result'), body: result })
    return this.#read(jobStateSchema, answer)
  }

  /** Upload the archive in a file. */
  async upload(held: Held, archive: string): Promise<void> {
    const body = await readFile(archive)
    await this.#call({ method: 'POST', path: pathOf(held, 'artifact'), body, timeoutMs: UPLOAD_MS })
  }

  /** The state that the run goes on from, as it came. */
  async state(held: Held): Promise<Buffer> {
    const call = { method: 'GET', path: pathOf(held, 'checkpoint'), timeoutMs: UPLOAD_MS } as const
    return Buffer.from(await (await this.#call(call)).arrayBuffer())
  }

  /** Upload the state in a file; with `isLast` in one try, also when everything else is stopped already. */
  async saveState(held: Held, archive: string, { isLast = false } = {}): Promise<void> {
    const body = await readFile(archive)
    const call = { method: 'POST', path: pathOf(held, 'checkpoint'), body } as const
    if (!isLast) return void (await this.#call({ ...call, timeoutMs: UPLOAD_MS }))
    const signal = AbortSignal.timeout(LAST_MS)
    const headers = { authorization: `Token ${this.#options.token}`, 'content-type': GZIP }
    await fetch(this.#options.url + call.path, { method: call.method, headers, body, signal })
  }

  /** Hand the run back, while everything else is stopped already. */
  async release(held: Held): Promise<void> {
    const { url, token } = this.#options
    await fetch(url + pathOf(held, 'release'), {
      ...{ method: 'POST', headers: { authorization: `Token ${token}` } },
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined)
  }

  async #call(call: Call): Promise<Response> {
    const { backOffSeconds = BACK_OFF_SECONDS, signal } = this.#options
    for (let tries = 0; ; tries++) {
      const answer = await this.#try(call)
      if (answer) {
        this.#noteAway(false)
        return await accepted(answer)
      }
      signal.throwIfAborted()
      if (call.once)
        throw new CommandError(`There is no answer from ${this.#options.url}. Is the server running?`)
      this.#noteAway(true)
      const seconds = backOffSeconds[Math.min(tries, backOffSeconds.length - 1)]!
      await delay(seconds * 1_000, undefined, { signal })
    }
  }

  /** Undefined when the server is away, or says that it cannot answer now. */
  async #try({ method, path, body, timeoutMs = CALL_MS }: Call): Promise<Response | undefined> {
    const { url, token, signal } = this.#options
    // As bytes and not as a form: a form that is broken off while it is sent ends the process (undici).
    const isArchive = body instanceof Uint8Array
    try {
      const answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Token ${token}`,
          ...(body && { 'content-type': isArchive ? GZIP : 'application/json' }),
        },
        // JSON has no NaN and no infinity: they become null.
        ...(body && { body: isArchive ? body : JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      return answer.status >= 500 || answer.status === 429 ? undefined : answer
    } catch {
      return undefined
    }
  }

  async #read<T>(schema: Schema<T>, answer: Response): Promise<T> {
    const { data, error } = schema.safeParse(await answer.json().catch(() => undefined))
    if (data !== undefined) return data
    const { url } = this.#options
    throw new CommandError(`${url} does not answer as a server of this program would.`, { cause: error })
  }

  #noteAway(isAway: boolean): void {
    if (isAway !== this.#isAway) this.#options.onAway?.(isAway)
    this.#isAway = isAway
  }
}

async function accepted(answer: Response): Promise<Response> {
  if (answer.status < 400) return answer
  const { message = `the server answered ${answer.status}` } = (await answer.json().catch(() => ({}))) as {
    message?: string
  }
  if (answer.status === 401 || answer.status === 403) throw new CommandError(message)
  const isGone = answer.status === 404
  if (isGone || answer.status === 409) throw new JobLost(message, isGone)
  throw new Refused(message)
}

function pathOf({ runId, claim }: Held, what: string): string {
  return `/runner/jobs/${encodeURIComponent(runId)}/${what}?claim=${encodeURIComponent(claim)}`
}
