import type { OptionSpec } from '../command.ts'

/** Where the accounts are; options of every command on them. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    kind: 'string',
    value: 'URL',
    defaultText: 'POSTERIOR_URL, else the data folder',
    summary: "A running server; needs an administrator's token in POSTERIOR_TOKEN.",
  },
  {
    name: 'data-dir',
    kind: 'string',
    value: 'DIR',
    defaultText: 'POSTERIOR_DATA_DIR, else posterior-data',
    summary: 'Data folder of a server that is not running.',
  },
  { name: 'json', kind: 'flag', summary: 'Print JSON instead of text.' },
]
