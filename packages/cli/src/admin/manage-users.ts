/** `posterior users`: list, add, remove, reset-password. */
import { ROUTES, type UserDescription } from '@posterior/contracts'
import type { Administration } from '@posterior/server'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { call, connect } from './connect.ts'
import { findUser, listUsers } from './find-user.ts'
import { alignColumns, day, toJson } from './print.ts'

/** What a command was asked to do. */
export interface AdminRequest {
  values: OptionValues
  positionals: readonly string[]
  context: CommandContext
}

const ACTIONS = { list, add, remove, 'reset-password': resetPassword }

/** Run the command. @returns exit code 0; everything else is thrown */
export async function manageUsers(request: AdminRequest): Promise<number> {
  const [action = 'list', subject] = request.positionals
  if (!Object.hasOwn(ACTIONS, action)) {
    throw new UsageError(`posterior users can ${Object.keys(ACTIONS).join(', ')}; got '${action}'.`)
  }
  if (action === 'list' && subject !== undefined)
    throw new UsageError(`'${subject}' is one argument too many.`)
  if (action !== 'list' && subject === undefined) {
    throw new UsageError(`posterior users ${action} needs a user: an address, a name or an id.`)
  }
  const connection = await connect(request.values, request.context)
  try {
    await ACTIONS[action as keyof typeof ACTIONS](connection, request, subject ?? '')
  } finally {
    await connection.close()
  }
  return 0
}

async function list(connection: Administration, { values, context }: AdminRequest): Promise<void> {
  const users = await listUsers(connection)
  const rows = users.map((user) => [
    user.id,
    user.email ?? '-',
    user.name,
    user.is_admin ? 'admin' : user.is_verified ? 'user' : 'unverified',
    day(user.created_at),
  ])
  context.stdout.write(
    values['json'] ? toJson(users) : alignColumns([['ID', 'ADDRESS', 'NAME', 'ROLE', 'SINCE'], ...rows]),
  )
}

async function add(
  connection: Administration,
  { values, context }: AdminRequest,
  subject: string,
): Promise<void> {
  const isAddress = subject.includes('@')
  const name = values['name'] ?? (isAddress ? undefined : subject)
  const { method, path } = ROUTES.createUser
  const body = {
    ...(isAddress && { email: subject }),
    ...(name !== undefined && { name }),
    is_admin: values['admin'] === true,
  }
  const user = await call<UserDescription & { token: string }>(connection, method, path, body)
  if (values['json']) return void context.stdout.write(toJson(user))
  context.stderr.write(`Added ${user.email ?? user.name} (${user.id}). API token, shown only this once:\n`)
  context.stdout.write(`${user.token}\n`)
}

async function remove(
  connection: Administration,
  { values, context }: AdminRequest,
  subject: string,
): Promise<void> {
  const user = await findUser(connection, subject)
  const shown = user.email ?? user.name
  if (!values['yes']) {
    throw new CommandError(
      `This deletes ${shown} (${user.id}) with all data sets, fitted models and tokens, for good. ` +
        'Give --yes to do it.',
    )
  }
  const { method, path } = ROUTES.removeUser
  await call(connection, method, path.replace(':userId', user.id))
  context.stderr.write(`Removed ${shown} (${user.id}).\n`)
}

async function resetPassword(
  connection: Administration,
  { values, context }: AdminRequest,
  subject: string,
): Promise<void> {
  const user = await findUser(connection, subject)
  const { method, path } = ROUTES.createResetLink
  const link = await call<{ reset_url: string; expires_at: string }>(
    connection,
    method,
    path.replace(':userId', user.id),
  )
  if (values['json']) return void context.stdout.write(toJson(link))
  context.stderr.write(`Pass this link on to ${user.email}; it works once, until ${link.expires_at}:\n`)
  context.stdout.write(`${link.reset_url}\n`)
}
