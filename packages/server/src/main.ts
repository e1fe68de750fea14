/** A server as a process: started from settings, stopped by signals. */
import { type RunningServer, type StartOptions, startServer } from './start.ts'

export interface RunOptions extends StartOptions {
  /** For people: where it listens, and the token of a first start. */
  print: (line: string) => void
}

/**
 * Serve until SIGINT or SIGTERM, then finish what is running and resolve with exit code 0. A second signal ends the
 * process at once.
 *
 * @throws what `startServer` throws
 */
export async function runServer({ print, ...options }: RunOptions): Promise<number> {
  let stop: () => void = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  let signals = 0
  const onSignal = () => {
    signals++
    if (signals > 1) process.exit(1)
    stop()
  }
  // Listening from the first moment on: a signal during the start stops the server once it has started.
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  try {
    const server = await startServer(options)
    announce(server, print)
    await stopped
    print('Stopping: running work may finish. A second signal stops at once.')
    await server.close()
    return 0
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
  }
}

function announce({ url, adminToken }: RunningServer, print: (line: string) => void): void {
  print(`Posterior listens on ${url}`)
  if (adminToken === undefined) return
  print('')
  print('API token of the administrator. It is shown only this once, so keep it:')
  print(`  ${adminToken}`)
  print('')
}
