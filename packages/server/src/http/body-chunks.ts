import type { IncomingMessage } from 'node:http'
import { AppError } from '../domain/app-error.ts'

/**
 * The body of a request, chunk by chunk as it came from the socket, each asked for only when the one before was dealt
 * with. Unlike iterating the request itself this leaves the connection open when reading stops early, so that an answer
 * can go out on it, and joins no chunks, which for large uploads would copy every byte.
 *
 * @throws AppError MALFORMED_REQUEST when the connection breaks off
 */
export async function* bodyChunks(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const arrived: Uint8Array[] = []
  let wake: () => void = () => {}
  let isOver = false
  let failure: AppError | undefined
  const onData = (chunk: Uint8Array) => {
    request.pause()
    arrived.push(chunk)
    wake()
  }
  const onEnd = () => {
    isOver = true
    wake()
  }
  const onFail = (error?: Error) => {
    const params = { reason: 'the connection closed before the whole body arrived.' }
    if (!request.readableEnded) failure = new AppError('MALFORMED_REQUEST', { params, cause: error })
    onEnd()
  }
  request.on('data', onData).once('end', onEnd).once('error', onFail).once('close', onFail)
  try {
    for (;;) {
      const chunk = arrived.shift()
      if (chunk) {
        yield chunk
      } else if (failure) {
        throw failure
      } else if (isOver) {
        return
      } else {
        const next = new Promise<void>((resolve) => {
          wake = resolve
        })
        request.resume()
        await next
      }
    }
  } finally {
    request.pause()
    request.off('data', onData).off('end', onEnd).off('error', onFail).off('close', onFail)
  }
}
