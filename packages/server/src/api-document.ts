import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { Readiness } from './domain/readiness.ts'
import type { Services } from './domain/services.ts'
import type { ApiDocument } from './http/openapi/api-document.ts'
import { renderApiReference } from './http/openapi/render-reference.ts'
import { createLogger } from './logger.ts'
import { ServerMetrics } from './metrics.ts'
import { VERSION } from './version.ts'

/**
 * Stands for services of which nothing is asked: routes take theirs apart when they are registered and use them only when
 * they are called.
 */
const nothing: object = new Proxy({}, { get: () => nothing })

/** The reference page of the HTTP API, without a server: its routes are registered and none is called but the document's. */
export async function renderHttpReference(): Promise<string> {
  const app = buildApp({
    ...loadConfig({}),
    services: nothing as Services,
    settings: nothing as never,
    inline: nothing as never,
    shared: nothing as never,
    readiness: new Readiness(),
    metrics: new ServerMetrics(),
    log: createLogger('silent'),
    clock: { now: () => 0 },
    version: VERSION,
  })
  try {
    const answer = await app.inject('/openapi.json')
    return renderApiReference(answer.json<ApiDocument>())
  } finally {
    await app.close()
  }
}
