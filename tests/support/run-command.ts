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

/** Run `posterior ARGS` in the repository and collect what it prints. */
export function runPosterior(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  return runProcess(process.execPath, [BIN, ...args], { env })
}

/** Run any program and collect what it prints. */
export function runProcess(
  file: string,
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
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
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
