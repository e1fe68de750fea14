/**
 * Long answers. When work takes longer than a moment, status 200 is sent at once and whitespace, which JSON allows in
 * front, until the result is there; so neither the client nor a proxy gives up. A failure after that can only be told in
 * the body, marked with `_streamed_error`.
 */

import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

export interface KeepaliveOptions<T> {
  /** How long to wait for an ordinary answer, and between pieces of whitespace afterwards. */
  everyMs: number
  /** Body for the result. */
  render: (result: T) => unknown
  /** Body for a failure, once it is too late for a status. */
  renderFailure: (error: unknown) => unknown
}

/** `early` when the result was there in time; else a stream of the body that is still to come. */
export type KeepaliveAnswer<T> = { kind: 'early'; result: T } | { kind: 'stream'; body: Readable }

type Outcome<T> = { ok: true; result: T } | { ok: false; error: unknown }

/**
 * Wait for `work`, or start answering when it takes long.
 *
 * @throws what `work` rejects with, if that happens before the answer has started
 */
export async function withKeepalive<T>(
  work: Promise<T>,
  options: KeepaliveOptions<T>,
): Promise<KeepaliveAnswer<T>> {
  const outcome: Promise<Outcome<T>> = work.then(
    (result) => ({ ok: true, result }),
    (error) => ({ ok: false, error }),
  )
  const early = await within(outcome, options.everyMs)
  if (early?.ok) return { kind: 'early', result: early.result }
  if (early) throw early.error
  return { kind: 'stream', body: Readable.from(pieces(outcome, options)) }
}

async function* pieces<T>(outcome: Promise<Outcome<T>>, options: KeepaliveOptions<T>): AsyncIterable<string> {
  let settled: Outcome<T> | undefined
  while (!settled) {
    yield ' '
    settled = await within(outcome, options.everyMs)
  }
  yield JSON.stringify(settled.ok ? options.render(settled.result) : options.renderFailure(settled.error))
}

/** The value of `promise` if it comes within `ms` milliseconds. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const stop = new AbortController()
  const timeout = delay(ms, undefined, { signal: stop.signal }).catch(() => undefined)
  try {
    return await Promise.race([promise, timeout])
  } finally {
    stop.abort()
  }
}
