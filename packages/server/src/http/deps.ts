import type { Settings } from '@posterior/contracts'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../domain/ports/system.ts'
import type { Readiness } from '../domain/readiness.ts'
import type { Services } from '../domain/services.ts'
import type { ServerMetrics } from '../metrics.ts'
import type { InlineLimits } from './json/with-json-body.ts'

/** What the routes need; `buildApp` neither reads the environment nor listens. */
export interface AppDeps {
  services: Services
  settings: Settings
  readiness: Readiness
  metrics: ServerMetrics
  log: FastifyBaseLogger
  clock: Clock
  /** Version of the program. */
  version: string
  /** Base of URLs handed to clients; from the request when absent. */
  publicUrl?: string | undefined
  /** Page that errors point to; the page of this server when absent. */
  supportUrl?: string | undefined
  /** Until when the deprecated routes are promised. */
  v1Sunset?: Date | undefined
  /** Limits of requests that carry tables in JSON. */
  inline: InlineLimits
  /** The same for callers of share links. */
  shared: InlineLimits
  isProxyTrusted: boolean
  /** Message for users, from the operator. */
  greeting?: string | undefined
  /** A fit that takes longer than this is answered with whitespace, this often, until it ends. */
  keepaliveMs: number
}
