/**
 * Reading the settings: this file alone reads the environment, once, at start; everything else is given values. The
 * table itself is in `config/settings.ts`.
 */
import type { z } from 'zod'
import { accountProblems } from './config/account-settings.ts'
import type { Setting } from './config/setting.ts'
import { SETTINGS } from './config/settings.ts'

/** Variables with our prefix that other programs of the project read; not an error here. */
const NOT_OURS: ReadonlySet<string> = new Set(['POSTERIOR_URL', 'POSTERIOR_TOKEN', 'POSTERIOR_SELECT_DIR'])

type Settings = typeof SETTINGS

/** The settings in force. */
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> }

/** Settings that cannot be used; the message lists all of them. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Variables by name, such as `process.env`. An empty value means "not set". */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Read the settings.
 *
 * @throws ConfigError for values that are not allowed and for unknown variables that start with POSTERIOR_
 */
export function loadConfig(env: Environment): Config {
  const entries = Object.entries(SETTINGS) as [keyof Settings, Setting<z.ZodType>][]
  const known = new Set(entries.map(([, setting]) => setting.env))
  const problems: string[] = []
  for (const name of Object.keys(env)) {
    if (name.startsWith('POSTERIOR_') && !known.has(name) && !NOT_OURS.has(name)) {
      problems.push(`${name}: unknown setting${suggestion(name, known)}`)
    }
  }
  const config: Record<string, unknown> = {}
  for (const [key, setting] of entries) {
    const value = env[setting.env] || undefined
    const result = setting.schema.safeParse(value)
    if (result.success) config[key] = result.data
    else {
      const came = setting.isSecret ? '(set)' : JSON.stringify(value)
      problems.push(`${setting.env}: ${result.error.issues[0]?.message}, got ${came}`)
    }
  }
  if (problems.length === 0) problems.push(...accountProblems(config))
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Config
}

/** One line per setting: name, value in force, where it came from. Secrets show as `(set)`. */
export function describeConfig(config: Config, env: Environment): string {
  const entries = Object.entries(SETTINGS) as [keyof Settings, Setting<z.ZodType>][]
  const width = Math.max(...entries.map(([, setting]) => setting.env.length))
  return entries
    .map(([key, setting]) => {
      const value = config[key]
      const isSet = Boolean(env[setting.env])
      const shown = setting.isSecret && isSet ? '(set)' : String(value ?? setting.shown)
      return `${setting.env.padEnd(width)}  ${shown}  (${isSet ? 'environment' : 'default'})`
    })
    .join('\n')
}

/** The reference page of all settings, as Markdown. */
export function renderConfigReference(): string {
  const rows = (Object.values(SETTINGS) as Setting<z.ZodType>[]).map(
    ({ env, shown, unit, meaning }) => `| \`${env}\` | ${shown} | ${unit} | ${meaning} |`,
  )
  return `${[
    '# Settings',
    '',
    'Settings are environment variables, read once at start. An empty value means the default. An unknown variable that',
    'starts with `POSTERIOR_` stops the start, so that a misspelt one is noticed.',
    '',
    '| Variable | Default | Unit | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')}\n`
}

function suggestion(name: string, known: ReadonlySet<string>): string {
  const close = [...known].find((other) => other.startsWith(name) || name.startsWith(other))
  return close ? `; did you mean ${close}?` : ''
}
