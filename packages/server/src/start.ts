/** The composition root: settings, then adapters, the domain, the app, and the socket. */
import type { FastifyBaseLogger } from 'fastify'
import { openMailer } from './account-options.ts'
import { composeApp } from './compose.ts'
import { type Config, type Environment, loadConfig } from './config.ts'
import { sweepUsage } from './domain/metering/sweep-usage.ts'
import type { Predictor } from './domain/ports/predictor.ts'
import type { Trainer } from './domain/ports/runs.ts'
import type { Clock } from './domain/ports/system.ts'
import { sweepAbandonedUploads, sweepAtStart } from './domain/sweep.ts'
import { createLogger } from './logger.ts'
import { becomeReady } from './self-test.ts'
import { Shutdown } from './shutdown.ts'
import { drainPhases } from './shutdown-phases.ts'
import { StartError } from './start-error.ts'
import { openStorage } from './storage.ts'

const SWEEP_EVERY_MS = 3_600_000
/** Runs of silent runners are looked for this often. */
const EXPIRE_EVERY_MS = 15_000

export interface StartOptions {
  /** Settings; see `config.ts`. */
  env: Environment
  /** Where to log; JSON lines on standard output when absent. */
  log?: FastifyBaseLogger
  /** What computes; the engine with the models of the settings when absent. Closed with the server. */
  predictor?: Predictor
  /** What trains; processes of the trainer when absent. */
  trainer?: Trainer
  /** What time it is; the system's clock when absent. */
  clock?: Clock
}

export interface RunningServer {
  /** Where it listens. */
  url: string
  /** The administrator's token, when this start created it: it is shown now and never again. */
  adminToken?: string
  /** Finish what is running, stop, release everything. Never rejects. */
  close(): Promise<void>
}

/**
 * Start a server. It listens when this resolves, and is ready once its self-test has passed (`/health/ready`).
 *
 * @throws ConfigError; StartError when the data folder or the port is in use, or the default model is missing
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const config = loadConfig(options.env)
  const log = options.log ?? createLogger(config.logLevel)
  /** What has been acquired, to be released in reverse. */
  const acquired: (() => Promise<void>)[] = []
  const { predictor: given } = options
  if (given) acquired.push(() => given.close())
  try {
    const storage = await openStorage({
      ...config,
      database: config.databaseUrl,
      blobs: config.blobUrl,
      clock: options.clock,
    })
    acquired.push(() => storage.close())
    await sweepAtStart({ ...storage, ...storage.stores, log })
    const predictor = given ?? (await startEngine(config, log))
    if (!given) acquired.push(() => predictor.close())

    const mailer = await openMailer(config, log)
    acquired.push(() => mailer.close())
    let url = ''
    const { app, services, readiness } = composeApp(config, {
      storage,
      predictor,
      trainer: options.trainer,
      mailer,
      log,
      listenUrl: () => url,
    })
    const { adminToken } = await services.accounts.bootstrap(config.adminToken)
    await services.runnerJobs.open()
    url = await app.listen({ host: config.host, port: config.port }).catch((cause: unknown) => {
      throw listenError(cause, config)
    })

    await services.runs.open()
    const listening = setInterval(() => {
      services.runnerJobs
        .expire()
        .catch((err: unknown) => log.error({ err }, 'claims could not be looked at'))
    }, EXPIRE_EVERY_MS)
    listening.unref()
    const background = new AbortController()
    const testing = becomeReady(
      { predictor, readiness, folder: storage.scratchFolder, log },
      background.signal,
    )
    const sweeping = setInterval(() => {
      const swept = { ...storage, ...storage.stores }
      Promise.all([sweepAbandonedUploads(swept), sweepUsage(swept)]).catch((err: unknown) =>
        log.error({ err }, 'the sweep failed'),
      )
    }, SWEEP_EVERY_MS)
    sweeping.unref()

    const shutdown = new Shutdown(log)
    shutdown.add(...drainPhases({ app, services, readiness, drainMs: config.shutdownSeconds * 1000 }))
    shutdown.add({
      name: 'background work',
      timeoutMs: 5_000,
      run: async () => {
        clearInterval(sweeping)
        clearInterval(listening)
        background.abort()
        await testing
      },
    })
    shutdown.add({ name: 'messages', timeoutMs: 10_000, run: () => services.post.idle() })
    for (const release of acquired.toReversed())
      shutdown.add({ name: 'release', timeoutMs: 10_000, run: release })
    return { url, ...(adminToken !== undefined && { adminToken }), close: () => shutdown.run() }
  } catch (error) {
    for (const release of acquired.toReversed()) await release().catch(() => undefined)
    throw error
  }
}

/** The engine is loaded here, so that a server over another predictor does without its native libraries. */
async function startEngine(config: Config, log: FastifyBaseLogger): Promise<Predictor> {
  const { EnginePredictor } = await import('./adapters/engine/engine-predictor.ts')
  return EnginePredictor.start(config, log)
}

/** Reasons that an operator can do something about, in words. */
function listenError(cause: unknown, { host, port }: Pick<Config, 'host' | 'port'>): unknown {
  const { code } = cause as NodeJS.ErrnoException
  const where = `${host}, port ${port}`
  if (code === 'EADDRINUSE') {
    return new StartError(`Another program listens on ${where} already. Stop it, or set POSTERIOR_PORT.`, {
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(
      `This program may not listen on ${where} (${code}). Check POSTERIOR_HOST and POSTERIOR_PORT.`,
      { cause },
    )
  }
  return cause
}
