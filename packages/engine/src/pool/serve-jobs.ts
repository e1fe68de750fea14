/**
 * The child's side of the pool: one job at a time, errors as data, a word on its memory after each. A child ignores
 * SIGINT and SIGTERM, which a terminal or service manager sends to the whole group: the parent decides when it ends.
 */
import { EngineError } from '../errors.ts'
import type { ChildMessage, ChildStatus, ParentMessage, TableSize } from './messages.ts'
import { watchParent } from './parent-watch.ts'
import { toWireError } from './wire-error.ts'

export interface JobContext {
  /** Fires when the caller gave up; look at it between long steps. */
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
  readonly onRead: (size: TableSize) => void
}

/** What a child process can do. */
export interface JobHandler {
  run(job: unknown, context: JobContext): Promise<unknown>
  /** Keys of what is held in memory; the same array while they do not change. */
  held(): readonly string[]
}

/**
 * Serve jobs until the parent closes the channel or ends this process.
 *
 * @param createHandler called once, with the settings that the parent passed
 */
export function serveJobs(createHandler: (settings: unknown) => Promise<JobHandler>): void {
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  watchParent(process.ppid)

  let handler: JobHandler | undefined
  let current: { id: number; abort: AbortController } | undefined
  let lastHeld: readonly string[] | undefined
  const status = (): ChildStatus => {
    const rssBytes = process.memoryUsage.rss()
    const held = handler?.held()
    if (!held || held === lastHeld) return { rssBytes }
    lastHeld = held
    return { rssBytes, held }
  }

  async function start(settings: unknown): Promise<void> {
    try {
      handler = await createHandler(settings)
      send({ type: 'ready', status: status() })
    } catch (error) {
      send({ type: 'failed-start', error: toWireError(error) })
    }
  }

  async function work(id: number, job: unknown): Promise<void> {
    const abort = new AbortController()
    current = { id, abort }
    try {
      if (!handler) throw new EngineError('internal', 'A job came before the settings.')
      const value = await handler.run(job, {
        signal: abort.signal,
        onProgress: (done, total) => send({ type: 'progress', id, done, total }),
        onRead: (size) => send({ type: 'read', id, size }),
      })
      send({ type: 'result', id, value, status: status() })
    } catch (error) {
      send({ type: 'error', id, error: toWireError(error), status: status() })
    } finally {
      current = undefined
    }
  }

  process.on('message', (message: ParentMessage) => {
    if (message.type === 'start') void start(message.settings)
    else if (message.type === 'job') void work(message.id, message.job)
    else if (current?.id === message.id) current.abort.abort()
  })
}

function send(message: ChildMessage): void {
  // A channel that is closed means that the parent is gone, and so are we in a moment.
  if (process.connected) process.send!(message, undefined, {}, () => {})
}
