/** Starts `posterior runner` as users do: a process with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../packages/cli/bin/posterior.js', import.meta.url))

/** A runner, which the caller ends. */
export interface RunnerProcess {
  child: ChildProcess
  folder: string
  /** Everything printed so far, stdout and stderr together. */
  output: () => string
  /** Exit code, or null after a signal ended it. */
  ended: Promise<number | null>
}

/** Start a runner for the server at `url`. @param args  more arguments, such as an action */
export function startRunner(
  { url, token, folder }: { url: string; token: string; folder: string },
  args: readonly string[] = [],
): RunnerProcess {
  const child = spawn(process.execPath, [BIN, 'runner', '--folder', folder, ...args], {
    env: { ...process.env, POSTERIOR_URL: url, POSTERIOR_RUNNER_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, folder, output: () => output, ended }
}
