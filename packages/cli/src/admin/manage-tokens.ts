/** `posterior tokens`: list, create, revoke. */
import { ROUTES, type TokenDescription } from '@posterior/contracts'
import type { Administration } from '@posterior/server'
import { UsageError } from '../command.ts'
import { call, connect } from './connect.ts'
import { findUser } from './find-user.ts'
import type { AdminRequest } from './manage-users.ts'
import { alignColumns, day, toJson } from './print.ts'

const ACTIONS = { list, create, revoke }

/** The routes of one account's tokens: of a user, or of whoever calls. */
interface TokenPaths {
  all: string
  one: (id: string) => string
}

/** Run the command. @returns exit code 0; everything else is thrown */
export async function manageTokens(request: AdminRequest): Promise<number> {
  const [action = 'list', subject] = request.positionals
  if (!Object.hasOwn(ACTIONS, action)) {
    throw new UsageError(`posterior tokens can ${Object.keys(ACTIONS).join(', ')}; got '${action}'.`)
  }
  if (action === 'list' && subject !== undefined)
    throw new UsageError(`'${subject}' is one argument too many.`)
  if (action === 'create' && subject === undefined)
    throw new UsageError('posterior tokens create needs a label.')
  if (action === 'revoke' && subject === undefined)
    throw new UsageError('posterior tokens revoke needs an id.')
  const connection = await connect(request.values, request.context)
  try {
    const paths = await pathsOf(connection, request.values['user'])
    await ACTIONS[action as keyof typeof ACTIONS](connection, { ...request, paths, subject: subject ?? '' })
  } finally {
    await connection.close()
  }
  return 0
}

type TokenRequest = AdminRequest & { paths: TokenPaths; subject: string }

async function pathsOf(connection: Administration, user: unknown): Promise<TokenPaths> {
  if (user === undefined) {
    return { all: ROUTES.listTokens.path, one: (id) => ROUTES.revokeToken.path.replace(':tokenId', id) }
  }
  const { id } = await findUser(connection, String(user))
  const all = ROUTES.listUserTokens.path.replace(':userId', id)
  return { all, one: (tokenId) => `${all}/${tokenId}` }
}

async function list(connection: Administration, { values, context, paths }: TokenRequest): Promise<void> {
  const { tokens } = await call<{ tokens: TokenDescription[] }>(connection, 'GET', paths.all)
  const rows = tokens.map((token) => [
    token.id,
    token.label,
    token.kind,
    day(token.created_at),
    day(token.last_used_at),
    day(token.expires_at),
  ])
  const head = ['ID', 'LABEL', 'KIND', 'MADE', 'USED', 'ENDS']
  context.stdout.write(values['json'] ? toJson(tokens) : alignColumns([head, ...rows]))
}

async function create(
  connection: Administration,
  { values, context, paths, subject }: TokenRequest,
): Promise<void> {
  const days = values['days']
  const body = { label: subject, ...(days !== undefined && { expires_in_days: days }) }
  const made = await call<TokenDescription & { token: string }>(connection, 'POST', paths.all, body)
  if (values['json']) return void context.stdout.write(toJson(made))
  const end = made.expires_at === null ? 'works until it is revoked' : `works until ${made.expires_at}`
  context.stderr.write(`Made token ${made.id}; it ${end}. Shown only this once:\n`)
  context.stdout.write(`${made.token}\n`)
}

async function revoke(connection: Administration, { context, paths, subject }: TokenRequest): Promise<void> {
  await call(connection, 'DELETE', paths.one(encodeURIComponent(subject)))
  context.stderr.write(`Revoked token ${subject}.\n`)
}
