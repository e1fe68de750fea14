import type { Command } from '../command.ts'

/** `posterior serve`: the HTTP API. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the HTTP API.',
  description: [
    'Serve the HTTP API until SIGINT or SIGTERM. The first start creates the data folder and an account, and prints its API token once.',
    'All settings come from the environment (docs/reference/config.md); the options below win over it.',
  ],
  options: [
    {
      name: 'host',
      kind: 'string',
      value: 'ADDRESS',
      summary: 'Address to listen on, instead of POSTERIOR_HOST.',
    },
    {
      name: 'port',
      kind: 'integer',
      value: 'PORT',
      min: 0,
      max: 65535,
      summary: 'Port, instead of POSTERIOR_PORT; 0 takes a free one.',
    },
    {
      name: 'data-dir',
      kind: 'string',
      value: 'DIR',
      summary: 'Data folder, instead of POSTERIOR_DATA_DIR.',
    },
  ],
  examples: ['npx posterior serve', 'npx posterior serve --port 9000 --data-dir /var/lib/posterior'],
  async run(values, _positionals, context) {
    const { serve } = await import('../serve.ts')
    return await serve(values, context)
  },
}
