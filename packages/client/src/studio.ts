/** The studio: projects, the runs that train their brains, and links that share them. */
import type {
  CreatedShare,
  ProjectDescription,
  ProjectSummary,
  RunDescription,
  RunEventDescription,
  RunEventPage,
  RunOrder,
  ShareDescription,
  ShareOrder,
} from '@posterior/contracts'
import { PosteriorError } from './posterior-error.ts'
import type { CallOptions, Transport } from './transport.ts'

const POLL_MS = 500

/** Ids and slugs mean the same in every path. */
const path = (...parts: string[]) => `/${parts.map(encodeURIComponent).join('/')}`

export class Projects {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async list(options?: CallOptions): Promise<ProjectSummary[]> {
    const url = path('projects')
    return (await this.#transport.json<{ projects: ProjectSummary[] }>('GET', url, options)).projects
  }

  create(
    project: { name: string; slug?: string; description?: string },
    options?: CallOptions,
  ): Promise<ProjectDescription> {
    return this.#transport.json('POST', path('projects'), { ...options, body: project })
  }

  get(project: string, options?: CallOptions): Promise<ProjectDescription> {
    return this.#transport.json('GET', path('projects', project), options)
  }

  /** Remove a project with everything in it, for good. */
  async remove(project: string, options?: CallOptions): Promise<void> {
    await this.#transport.json('DELETE', path('projects', project), options)
  }
}

export class Runs {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async list(project: string, options?: CallOptions): Promise<RunDescription[]> {
    const url = path('projects', project, 'runs')
    return (await this.#transport.json<{ runs: RunDescription[] }>('GET', url, options)).runs
  }

  /** Order a training run; it waits in the queue of the server. */
  create(project: string, order: RunOrder, options?: CallOptions): Promise<RunDescription> {
    return this.#transport.json('POST', path('projects', project, 'runs'), { ...options, body: order })
  }

  get(project: string, run: string, options?: CallOptions): Promise<RunDescription> {
    return this.#transport.json('GET', path('projects', project, 'runs', run), options)
  }

  cancel(project: string, run: string, options?: CallOptions): Promise<RunDescription> {
    return this.#transport.json('POST', path('projects', project, 'runs', run, 'cancel'), options)
  }

  /** Remove a run with its brain, for good. */
  async remove(project: string, run: string, options?: CallOptions): Promise<void> {
    await this.#transport.json('DELETE', path('projects', project, 'runs', run), options)
  }

  /** The events of a run, each once, as they come, until the run is over. @param after number of the last event known */
  async *events(
    project: string,
    run: string,
    { after = 0, ...options }: CallOptions & { after?: number } = {},
  ): AsyncGenerator<RunEventDescription> {
    const url = path('projects', project, 'runs', run, 'events')
    for (let last = after; ; ) {
      const page = await this.#transport.json<RunEventPage>('GET', `${url}?after=${last}`, options)
      yield* page.events
      last = page.next
      if (page.more) continue
      if (page.status !== 'queued' && page.status !== 'running') return
      await pause(options.signal)
    }
  }

  /**
   * Wait until a run is over.
   *
   * @returns the run, which is completed
   * @throws PosteriorError with the code `RUN_FAILED`, `RUN_CANCELLED` or `RUN_SKIPPED` when it ended in another way
   */
  async wait(project: string, run: string, options: CallOptions = {}): Promise<RunDescription> {
    for (;;) {
      const found = await this.get(project, run, options)
      if (found.status === 'completed') return found
      if (found.status !== 'queued' && found.status !== 'running') {
        const why = found.error ? `: ${found.error.message}` : '.'
        const facts = { status: 200, code: `RUN_${found.status.toUpperCase()}` }
        throw new PosteriorError(`Run ${found.slug} is ${found.status}${why}`, facts)
      }
      await pause(options.signal)
    }
  }
}

export class Shares {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Make a link to the brain of a run. Its token is in the answer, this once. */
  create(project: string, run: string, order: ShareOrder = {}, options?: CallOptions): Promise<CreatedShare> {
    return this.#transport.json('POST', path('projects', project, 'runs', run, 'shares'), {
      ...options,
      body: order,
    })
  }

  async list(project: string, run: string, options?: CallOptions): Promise<ShareDescription[]> {
    const url = path('projects', project, 'runs', run, 'shares')
    return (await this.#transport.json<{ shares: ShareDescription[] }>('GET', url, options)).shares
  }

  /** The link does not work any more, from now on. */
  async revoke(project: string, run: string, shareId: string, options?: CallOptions): Promise<void> {
    await this.#transport.json('DELETE', path('projects', project, 'runs', run, 'shares', shareId), options)
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  return new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
