/** Renders the command table: as text for `--help`, as Markdown for docs/reference/cli.md. */
import type { Command, OptionSpec } from './command.ts'

const WIDTH = 96

/** The list of commands, for `posterior --help`. */
export function renderOverview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  return [
    `posterior ${version}: predictions for tables by prior-data fitted networks, on your own machine.`,
    '',
    'Usage: posterior COMMAND [options]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    '',
    'posterior COMMAND --help explains a command; posterior --version prints the version.',
    '',
  ].join('\n')
}

/** The help of one command. */
export function renderHelp(command: Command): string {
  const lines = [
    renderUsage(command),
    '',
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, 0), '']),
  ]
  for (const { name, summary } of command.positionals ?? []) lines.push(...entry(name, summary))
  lines.push('Options:')
  for (const option of command.options) lines.push(...entry(optionLabel(option), optionText(option)))
  lines.push(...entry('-h, --help', 'Print this help.'))
  if (command.examples.length > 0)
    lines.push('', 'Examples:', ...command.examples.map((example) => `  ${example}`))
  return `${lines.join('\n')}\n`
}

/** The reference page of all commands. */
export function renderReference(commands: readonly Command[]): string {
  const lines = [
    '# Command line',
    '',
    'In a checkout of the repository the command is `npx posterior`. Every command prints its own help with `--help`.',
    'Exit codes: 0 done, 1 failed, 2 the arguments were not understood, 130 interrupted.',
    '',
  ]
  for (const command of commands) {
    lines.push(`## posterior ${command.name}`, '', '```text', renderUsage(command), '```', '')
    lines.push(...command.description.flatMap((paragraph) => [paragraph, '']))
    for (const { name, summary } of command.positionals ?? []) lines.push(`- \`${name}\`: ${summary}`, '')
    if (command.options.length > 0) {
      lines.push('| option | meaning |', '| --- | --- |')
      for (const option of command.options) {
        lines.push(`| \`${optionLabel(option)}\` | ${optionText(option).replaceAll('|', '\\|')} |`)
      }
      lines.push('')
    }
    if (command.examples.length > 0) lines.push('```bash', ...command.examples, '```', '')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function renderUsage(command: Command): string {
  const required = command.options
    .filter((option) => option.required)
    .map((option) => ` --${option.name} ${option.value}`)
  const positionals = (command.positionals ?? []).map(({ name }) => ` ${name}`)
  return `Usage: posterior ${command.name}${positionals.join('')}${required.join('')} [options]`
}

function optionLabel({ name, short, value }: OptionSpec): string {
  return `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`
}

function optionText({ summary, choices, defaultText, required, isList }: OptionSpec): string {
  const parts = [summary]
  if (isList) parts.push('May be repeated.')
  if (choices) parts.push(`One of ${choices.join(', ')}.`)
  if (required) parts.push('Required.')
  if (defaultText) parts.push(`Default: ${defaultText}.`)
  return parts.join(' ')
}

function entry(label: string, text: string): string[] {
  const indent = 26
  const [first = '', ...rest] = wrap(text, indent)
  const head = `  ${label}`
  return head.length < indent - 1
    ? [head.padEnd(indent) + first.trimStart(), ...rest]
    : [head, first, ...rest]
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && indent + line.length + word.length + 1 > WIDTH) {
      lines.push(' '.repeat(indent) + line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return [...lines, ' '.repeat(indent) + line]
}
