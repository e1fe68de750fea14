import type { FastifyReply } from 'fastify'

/** Aborted when the connection of this answer is closed, by either side. */
export function closeSignal(reply: FastifyReply): AbortSignal {
  const closed = new AbortController()
  reply.raw.on('close', () => closed.abort())
  return closed.signal
}
