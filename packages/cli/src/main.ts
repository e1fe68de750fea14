/** The process: arguments in, exit code out. */
import { run } from './run.ts'

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // A second signal means that the user does not want to wait for the tidy way.
    if (abort.signal.aborted) process.exit(130)
    abort.abort(new Error(`stopped by ${name}`))
  })
}

// A reader that has seen enough, as in `posterior predict … | head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  signal: abort.signal,
})
