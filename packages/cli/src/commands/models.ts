import type { Command } from '../command.ts'
import { MODELS_OPTION } from '../models-folder.ts'

/** `posterior models`: what can be predicted with. */
export const modelsCommand: Command = {
  name: 'models',
  summary: 'List the models that are here, or show one with its card.',
  description: [
    'List the released models, or show one of them: size, tasks, training, licence and its card.',
  ],
  positionals: [{ name: '[MODEL]', summary: 'Name of a model to show in full.' }],
  options: [MODELS_OPTION, { name: 'json', kind: 'flag', summary: 'Print JSON instead of text.' }],
  examples: ['npx posterior models', 'npx posterior models nano'],
  async run(values, [name], context) {
    const { showModels } = await import('../models/show-models.ts')
    return await showModels({ values, name, context })
  },
}
