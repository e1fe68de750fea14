/**
 * Administration of a data folder that no server uses: the routes of the API, called in this process, so that the command
 * line does the same whether a server runs or not.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openMailer } from './account-options.ts'
import { composeApp } from './compose.ts'
import { type Environment, loadConfig } from './config.ts'
import type { Predictor } from './domain/ports/predictor.ts'
import { createLogger } from './logger.ts'
import { StartError } from './start-error.ts'
import { openStorage } from './storage.ts'

/** Long enough for any command; a token that a killed command leaves behind is useless after that. */
const TOKEN_LIFETIME_MS = 600_000

/** Calls of an administrator. */
export interface Administration {
  /** Call a route. @returns status and parsed body, also of a failure */
  request(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>
  /** Let the folder be used by others again. */
  close(): Promise<void>
}

/** Nothing is fitted or predicted here. */
const NO_PREDICTOR: Predictor = {
  models: async () => [],
  fit: () => Promise.reject(new Error('there is no engine in an administration')),
  predict: () => Promise.reject(new Error('there is no engine in an administration')),
  answer: () => Promise.reject(new Error('there is no engine in an administration')),
  forecast: () => Promise.reject(new Error('there is no engine in an administration')),
  discover: () => Promise.reject(new Error('there is no engine in an administration')),
  close: async () => {},
}

/**
 * Open the data folder of the settings.
 *
 * @throws ConfigError; FolderInUseError when a server runs on it; StartError when it was never used by one
 */
export async function openAdministration(env: Environment): Promise<Administration> {
  const config = loadConfig(env)
  const database = config.databaseUrl ?? join(config.dataDir, 'posterior.sqlite')
  const missing = (what: string) =>
    new StartError(
      `${what} Start the server once ("posterior serve"), or name another folder with --data-dir.`,
    )
  if (!existsSync(database)) throw missing(`There is no database ${database} yet.`)
  const log = createLogger('silent')
  const mailer = await openMailer(config, log)
  const storage = await openStorage({ ...config, database: config.databaseUrl, blobs: config.blobUrl })
  try {
    const listenUrl = () => `http://${config.host}:${config.port}`
    const { app, services } = composeApp(config, { storage, predictor: NO_PREDICTOR, mailer, log, listenUrl })
    const { accounts } = storage.stores
    const admin = await accounts.findAdmin()
    if (!admin) throw missing(`The database ${database} has no administrator yet.`)
    // Made past the limit of tokens, so that an account that has reached it can be put in order.
    const order = { label: 'command line', kind: 'login', lifetimeMs: TOKEN_LIFETIME_MS } as const
    const { record, text } = services.tokens.make(order)
    await accounts.insertToken(admin.id, record)
    return {
      request: async (method, path, body) => {
        const answer = await app.inject({
          method: method as 'GET',
          url: path,
          headers: { authorization: `Bearer ${text}` },
          ...(body && { payload: body }),
        })
        return { status: answer.statusCode, body: answer.json() }
      },
      close: async () => {
        await accounts.removeToken(admin.id, record.id)
        await app.close()
        await mailer.close()
        await storage.close()
      },
    }
  } catch (error) {
    await mailer.close()
    await storage.close()
    throw error
  }
}
