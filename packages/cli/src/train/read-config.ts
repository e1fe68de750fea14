/** The configuration of a training run from preset, file and options, in this order of precedence from low to high. */
import { readFileSync } from 'node:fs'
import type { PresetName } from '@posterior/model'
import {
  brainTrainingConfig,
  defaultTrainingConfig,
  type PriorChoice,
  type TrainingConfig,
  validateTrainingConfig,
} from '@posterior/training'
import { CommandError, type OptionValues, UsageError } from '../command.ts'

/**
 * The configuration of a new run.
 *
 * @throws UsageError for options that contradict each other; CommandError for a file or a setting that cannot be used
 */
export function readTrainingConfig(values: OptionValues): TrainingConfig {
  const { steps, minutes, seed, name } = values
  if (steps !== undefined && minutes !== undefined)
    throw new UsageError('Give --steps or --minutes, not both.')
  const preset = (values['preset'] ?? 'nano') as PresetName
  const given = withOverrides(values['config'] === undefined ? {} : readJson(String(values['config'])))
  try {
    const merged = mergeSettings(baseConfig(preset, given) as unknown as Settings, given, '')
    return validateTrainingConfig({
      ...(merged as unknown as TrainingConfig),
      ...(name === undefined ? {} : { name: String(name) }),
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(steps === undefined ? {} : { budget: { steps: Number(steps) } }),
      ...(minutes === undefined ? {} : { budget: { minutes: Number(minutes) } }),
    })
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `This training configuration cannot be used: ${(error as Error).message.replace(/\.$/, '')}.`,
      {
        cause: error,
      },
    )
  }
}

/** What the file changes: the recipe for brains when it names a prior of the catalogue, else that for general models. */
function baseConfig(preset: PresetName, given: Settings): TrainingConfig {
  const prior = given['prior'] as PriorChoice | undefined
  if (!isSettings(prior) || prior.kind !== 'catalogue') return defaultTrainingConfig(preset)
  return brainTrainingConfig(prior, { preset })
}

/** A file that names a prior of the catalogue need not say that it overrides nothing. */
function withOverrides(given: Settings): Settings {
  const prior = given['prior']
  if (!isSettings(prior) || prior['kind'] !== 'catalogue') return given
  return { ...given, prior: { overrides: {}, ...prior } }
}

type Settings = { [key: string]: unknown }

/** Parts of a choice: giving one of them replaces the whole, rather than leaving both. */
const REPLACED_WHOLE = new Set(['budget', 'prior'])

/** Deep merge; arrays are replaced. @throws CommandError for a setting that the preset does not have */
function mergeSettings(base: Settings, changes: Settings, path: string): Settings {
  const merged: Settings = { ...base }
  for (const [key, value] of Object.entries(changes)) {
    const name = path ? `${path}.${key}` : key
    if (!(key in base)) {
      throw new CommandError(
        `The configuration file has a setting '${name}' that does not exist; there are ${Object.keys(base).join(', ')}.`,
      )
    }
    merged[key] =
      isSettings(base[key]) && isSettings(value) && !REPLACED_WHOLE.has(name)
        ? mergeSettings(base[key], value, name)
        : value
  }
  return merged
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readJson(path: string): Settings {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isSettings(value)) throw new Error('it is not a JSON object')
    return value
  } catch (error) {
    throw new CommandError(`Could not read the configuration ${path}: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}
