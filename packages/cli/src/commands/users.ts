import { CONNECTION_OPTIONS } from '../admin/connection-options.ts'
import type { Command } from '../command.ts'

/** `posterior users`: the accounts of a server. */
export const usersCommand: Command = {
  name: 'users',
  summary: 'List, add and remove the users of a server, or reset a password.',
  description: [
    'list shows every account; add makes one, by an e-mail address or a name, and prints its API token; remove deletes one with all that it has; reset-password prints a link with which the user sets a password.',
    'Works in the data folder while no server runs on it, and through a running server otherwise: then POSTERIOR_TOKEN (or POSTERIOR_ADMIN_TOKEN) has to hold the token of an administrator.',
  ],
  positionals: [
    { name: '[ACTION]', summary: 'list (default), add, remove or reset-password.' },
    { name: '[USER]', summary: 'E-mail address, name or id.' },
  ],
  options: [
    { name: 'name', kind: 'string', value: 'NAME', summary: 'With add: the name to show.' },
    { name: 'admin', kind: 'flag', summary: 'With add: make the user an administrator.' },
    { name: 'yes', kind: 'flag', summary: 'With remove: really do it.' },
    ...CONNECTION_OPTIONS,
  ],
  examples: [
    'npx posterior users add ada@example.org',
    'npx posterior users reset-password ada@example.org',
    'npx posterior users --url https://predict.example.org',
  ],
  async run(values, positionals, context) {
    const { manageUsers } = await import('../admin/manage-users.ts')
    return await manageUsers({ values, positionals, context })
  },
}
