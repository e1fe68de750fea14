/** Starts `posterior serve` as users do: a process, a free port, a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../packages/cli/bin/posterior.js', import.meta.url))
const READY_TIMEOUT_MS = 180_000
const POLL_MS = 50

/** A running server. */
export interface TestServer {
  url: string
  token: string
  dataDir: string
  child: ChildProcess
  /** Everything printed so far, stdout and stderr together. */
  output(): string
  /** End the process; resolves with its exit code, or null when a signal ended it. Removes a data folder made here. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface StartOptions {
  /** Data folder, which is left in place; default a new one that `stop` removes. */
  dataDir?: string
  port?: number
  /** More settings, `POSTERIOR_…`. */
  env?: Record<string, string>
}

/**
 * Start a server and wait until it is ready. The caller stops it.
 *
 * @throws Error with the server's output when it ends or is not ready within a minute
 */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const port = options.port ?? (await freePort())
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'posterior-server-'))
  const token = 'test-token-0123456789abcdef0123456789abcdef'
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [BIN, 'serve'], {
    env: {
      ...process.env,
      POSTERIOR_HOST: '127.0.0.1',
      POSTERIOR_PORT: String(port),
      POSTERIOR_DATA_DIR: dataDir,
      POSTERIOR_ADMIN_TOKEN: token,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    const code = await ended
    if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true })
    return code
  }
  try {
    await waitUntilReady(url, child)
  } catch (error) {
    await stop('SIGKILL')
    throw new Error(`The server did not become ready. Its output:\n${output}`, { cause: error })
  }
  return { url, token, dataDir, child, output: () => output, stop }
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}.`)
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`Expected ${url}/health/ready to answer 200 within ${READY_TIMEOUT_MS / 1000} s.`)
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP port to be assigned.')
  return address.port
}
