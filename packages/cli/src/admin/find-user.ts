import { ROUTES, type UserDescription } from '@posterior/contracts'
import type { Administration } from '@posterior/server'
import { CommandError } from '../command.ts'
import { call } from './connect.ts'

/** Every account, oldest first. */
export async function listUsers(connection: Administration): Promise<UserDescription[]> {
  const { method, path } = ROUTES.listUsers
  return (await call<{ users: UserDescription[] }>(connection, method, path)).users
}

/**
 * The account that is meant by an id, an address or a name.
 *
 * @throws CommandError when none or several are meant
 */
export async function findUser(connection: Administration, wanted: string): Promise<UserDescription> {
  const users = await listUsers(connection)
  const lower = wanted.trim().toLowerCase()
  const exact = users.find(({ id, email }) => id === lower || email === lower)
  if (exact) return exact
  const named = users.filter(({ name }) => name === wanted)
  if (named.length === 1) return named[0]!
  throw new CommandError(
    named.length === 0
      ? `There is no user '${wanted}'. "posterior users" lists all.`
      : `There are ${named.length} users called '${wanted}'; name one by its id: ${named.map(({ id }) => id).join(', ')}.`,
  )
}
