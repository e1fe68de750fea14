import { runServer } from '@posterior/server'
import type { CommandContext, OptionValues } from './command.ts'

/** Which setting each option stands for. */
const SETTING_OF = {
  host: 'POSTERIOR_HOST',
  port: 'POSTERIOR_PORT',
  'data-dir': 'POSTERIOR_DATA_DIR',
} as const

/**
 * Serve until a signal. What people should read goes to stderr, because the log goes to stdout.
 *
 * @returns exit code 0 after an orderly stop
 */
export async function serve(values: OptionValues, { env, stderr }: CommandContext): Promise<number> {
  const given = Object.entries(SETTING_OF).flatMap(([option, name]) =>
    values[option] === undefined ? [] : [[name, String(values[option])]],
  )
  return await runServer({
    env: { ...env, ...Object.fromEntries(given) },
    print: (line) => stderr.write(`${line}\n`),
  })
}
