import { Readable } from 'node:stream'
import { ROUTES, runEventPageSchema, runEventQuerySchema, runIdSchema } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { StoredRunEvent } from '../../../domain/ports/runs.ts'
import { type Api, errorResponses } from '../../api.ts'
import { closeSignal } from '../../close-signal.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeRunEvent } from '../../present/run.ts'
import { addressOf } from './runs.ts'

const EVENT_STREAM = 'text/event-stream'
/** A stream in which nothing happens gets a comment this often, so that proxies keep it. */
const IDLE_MS = 15_000

/** `GET /projects/{projectId}/runs/{runId}/events`: a page of JSON, or a stream of server-sent events. */
export function runEventsRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['studio'],
    summary: 'Watch a run',
    description:
      'Events after number `after`: a page, or with `Accept: text/event-stream` a stream that ends with the run and goes on ' +
      'after `Last-Event-ID`. Past step 1,000 one step in ten is told. A run that goes on after a restart takes the steps ' +
      'since its last saved state again.',
    params: runIdSchema,
    querystring: runEventQuerySchema,
    response: {
      200: {
        description: 'The events',
        content: {
          'application/json': { schema: runEventPageSchema },
          [EVENT_STREAM]: { schema: z.string() },
        },
      },
      ...errorResponses('NOT_FOUND'),
    },
  }
  app.get(ROUTES.listRunEvents.path, { schema }, async (request, reply) => {
    const account = callerOf(request).id
    const address = addressOf(request.params)
    const after = lastEventId(request) ?? request.query.after ?? 0
    if (wantsStream(request)) {
      // What cannot be seen is a 404, not a stream that ends.
      await services.runs.get(account, address)
      const signal = closeSignal(reply)
      const batches = services.runs.follow(account, address, { after, idleMs: IDLE_MS, signal })
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type(EVENT_STREAM)
      return reply.send(Readable.from(frames(batches)) as never)
    }
    const { run, events, more } = await services.runs.events(account, address, { ...request.query, after })
    reply.type('application/json')
    return {
      events: events.map(describeRunEvent),
      next: events.at(-1)?.seq ?? after,
      more,
      status: run.status,
    }
  })
}

function wantsStream(request: FastifyRequest): boolean {
  return request.headers.accept?.split(',').some((type) => type.trim().startsWith(EVENT_STREAM)) ?? false
}

/** Of a client that comes back; undefined when it is none of our numbers. */
function lastEventId(request: FastifyRequest): number | undefined {
  const given = request.headers['last-event-id']
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined
}

async function* frames(batches: AsyncIterable<StoredRunEvent[]>): AsyncGenerator<string> {
  // A first line at once, so that the client sees that it is connected.
  yield ': events\n\n'
  for await (const batch of batches) {
    if (batch.length === 0) yield ': nothing new\n\n'
    else yield batch.map(frame).join('')
  }
}

function frame(event: StoredRunEvent): string {
  return `id: ${event.seq}\nevent: ${event.event}\ndata: ${JSON.stringify(describeRunEvent(event))}\n\n`
}
