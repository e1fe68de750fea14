import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommandContext, CommandError, type OptionSpec, type OptionValues } from './command.ts'

/** The option that every command with a model takes. */
export const MODELS_OPTION: OptionSpec = {
  name: 'models',
  kind: 'string',
  value: 'DIR',
  defaultText: 'POSTERIOR_MODELS_DIR, else the models of this release',
  summary: 'Folder with one folder per model.',
}

/**
 * The folder that holds the models.
 *
 * @throws CommandError when it does not exist
 */
export function modelsFolder(values: OptionValues, env: CommandContext['env']): string {
  const chosen = values['models'] ?? env['POSTERIOR_MODELS_DIR']
  const folder = chosen ? resolve(String(chosen)) : fileURLToPath(new URL('../../../models', import.meta.url))
  if (!existsSync(folder)) throw new CommandError(`Expected a folder of models at ${folder}; there is none.`)
  return folder
}
