import type { Readiness } from './domain/readiness.ts'
import type { Services } from './domain/services.ts'
import type { Api } from './http/api.ts'
import type { ShutdownPhase } from './shutdown.ts'

const INTERRUPT_MS = 10_000
/** A step in progress and a save; what takes longer is killed and goes on from an earlier state. */
const TRAINING_MS = 25_000
const IDLE_CONNECTION_MS = 100

/**
 * How the HTTP side stops: no new work, running work may finish within `drainMs`, what is left is broken off with an
 * answer that says so, then connections are closed.
 */
export function drainPhases(deps: {
  app: Api
  services: Services
  readiness: Readiness
  drainMs: number
}): ShutdownPhase[] {
  const { app, services, readiness, drainMs } = deps
  let closed: Promise<void> | undefined
  return [
    {
      name: 'refuse new work',
      timeoutMs: 1_000,
      run: () => {
        readiness.markDraining()
        services.runs.endStreams()
        services.runnerJobs.close()
      },
    },
    { name: 'save training runs', timeoutMs: TRAINING_MS, run: () => services.runs.close() },
    {
      name: 'finish running work',
      timeoutMs: drainMs,
      run: async () => {
        closed = closeApp(app)
        await Promise.all([closed, services.fits.idle()])
      },
    },
    {
      name: 'break off what is left',
      timeoutMs: INTERRUPT_MS,
      run: async () => {
        services.predictions.stop()
        services.answers.stop()
        services.shares.stop()
        await services.fits.stop()
      },
    },
    {
      name: 'close connections',
      timeoutMs: INTERRUPT_MS,
      run: async () => {
        // Whoever is still sending an upload is cut off; an answer that is on its way gets a moment.
        setTimeout(() => app.server.closeAllConnections(), IDLE_CONNECTION_MS).unref()
        await closed
      },
    },
  ]
}

/** Stop listening and wait for the connections; those that have gone idle since are closed now and then. */
async function closeApp(app: Api): Promise<void> {
  const reaper = setInterval(() => app.server.closeIdleConnections(), IDLE_CONNECTION_MS)
  try {
    await app.close()
  } finally {
    clearInterval(reaper)
  }
}
