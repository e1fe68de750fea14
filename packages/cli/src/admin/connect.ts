/**
 * How `users` and `tokens` reach the accounts: through a running server when one is named, else in the data folder, and
 * through the server of that folder when it turns out to be in use.
 */
import { type Administration, FolderInUseError, loadConfig, openAdministration } from '@posterior/server'
import { type CommandContext, CommandError, type OptionValues } from '../command.ts'

/** Open the way to the accounts. @throws CommandError that says what is missing */
export async function connect(values: OptionValues, { env }: CommandContext): Promise<Administration> {
  const token = env['POSTERIOR_TOKEN'] || env['POSTERIOR_ADMIN_TOKEN']
  const url = values['url'] ?? (values['data-dir'] === undefined ? env['POSTERIOR_URL'] : undefined)
  if (url) return overHttp(String(url), token)
  const given = values['data-dir'] === undefined ? {} : { POSTERIOR_DATA_DIR: String(values['data-dir']) }
  const settings = { ...env, ...given }
  try {
    return await openAdministration(settings)
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error
    const { dataDir, host, port } = loadConfig(settings)
    const guess = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
    if (token) return overHttp(guess, token)
    throw new CommandError(
      `A server uses the data folder ${dataDir}, so the command has to go through it: set POSTERIOR_TOKEN to an ` +
        `administrator's token, and give --url unless the server is at ${guess}. Or stop the server.`,
    )
  }
}

/** Call a route. @throws CommandError with the server's message when it refuses */
export async function call<T>(
  connection: Administration,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await connection.request(method, path, body)
  if (answer.status < 400) return answer.body as T
  const { message = `The server answered ${answer.status}.` } = (answer.body ?? {}) as { message?: string }
  const hint = answer.status === 401 ? " POSTERIOR_TOKEN has to be an administrator's token." : ''
  throw new CommandError(`${message}${hint}`)
}

function overHttp(url: string, token: string | undefined): Administration {
  if (!token) {
    throw new CommandError(`Set POSTERIOR_TOKEN to an administrator's token of the server at ${url}.`)
  }
  const base = url.replace(/\/+$/, '')
  return {
    request: async (method, path, body) => {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      }).catch((cause: unknown) => {
        throw new CommandError(
          `There is no answer from ${base}. Is the server running? Name it with --url.`,
          {
            cause,
          },
        )
      })
      return { status: answer.status, body: await answer.json().catch(() => undefined) }
    },
    close: async () => {},
  }
}
