import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const BIN = fileURLToPath(new URL('../../packages/cli/bin/posterior.js', import.meta.url))

/** How a command ended. */
export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

/** How to run a program. */
export interface RunOptions {
  /** Default: the root of the repository. */
  cwd?: string
  /** Variables beside those of this process. */
  env?: Record<string, string>
  /** Asked every 20 ms; once it says true the program gets SIGINT. */
  stopWhen?: () => boolean
}

/** Run `posterior ARGS` in the repository and collect what it prints. */
export function runPosterior(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return runProcess(process.execPath, [BIN, ...args], options)
}

/** Run any program and collect what it prints. */
export function runProcess(
  file: string,
  args: readonly string[],
  { cwd = ROOT, env = {}, stopWhen }: RunOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const watch = setInterval(() => {
      if (!stopWhen?.()) return
      clearInterval(watch)
      child.kill('SIGINT')
    }, 20)
    child.once('error', reject)
    child.once('close', (code) => {
      clearInterval(watch)
      resolve({ code, stdout, stderr })
    })
  })
}
