import { CONNECTION_OPTIONS } from '../admin/connection-options.ts'
import type { Command } from '../command.ts'

/** `posterior tokens`: API tokens of an account. */
export const tokensCommand: Command = {
  name: 'tokens',
  summary: 'List, create and revoke API tokens.',
  description: [
    'list shows the tokens of an account, without their texts; create makes one and prints it, this once; revoke ends one. Without --user the account is that of the token in use, in the data folder that of the first administrator.',
    'Works in the data folder while no server runs on it, and through a running server otherwise: then POSTERIOR_TOKEN (or POSTERIOR_ADMIN_TOKEN) has to hold a token, and with --user that of an administrator.',
  ],
  positionals: [
    { name: '[ACTION]', summary: 'list (default), create or revoke.' },
    { name: '[LABEL|ID]', summary: 'With create: what the token is for. With revoke: its id.' },
  ],
  options: [
    { name: 'user', kind: 'string', value: 'USER', summary: 'E-mail address, name or id of the account.' },
    {
      name: 'days',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 3650,
      defaultText: 'until it is revoked',
      summary: 'With create: how long the token works.',
    },
    ...CONNECTION_OPTIONS,
  ],
  examples: [
    'npx posterior tokens create "line 4" --user ada@example.org --days 90',
    'npx posterior tokens list --user ada@example.org',
  ],
  async run(values, positionals, context) {
    const { manageTokens } = await import('../admin/manage-tokens.ts')
    return await manageTokens({ values, positionals, context })
  },
}
