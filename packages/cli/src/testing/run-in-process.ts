/** Runs a command line in this process, for tests. */
import { PassThrough, Readable } from 'node:stream'
import { run } from '../run.ts'

export interface CommandRun {
  code: number
  stdout: string
  stderr: string
}

export interface CommandRunOptions {
  env?: Record<string, string>
  /** What comes on stdin. */
  stdin?: string
  signal?: AbortSignal
}

/** Run `posterior ARGS` and collect what it prints. */
export async function runInProcess(
  args: readonly string[],
  { env = {}, stdin = '', signal = new AbortController().signal }: CommandRunOptions = {},
): Promise<CommandRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await run(args, { stdout, stderr, stdin: Readable.from([stdin]), env, signal })
  const text = (stream: PassThrough) => String(stream.read() ?? '')
  return { code, stdout: text(stdout), stderr: text(stderr) }
}
