import type { Command } from '../command.ts'

/** `posterior train`: make a model of one's own. */
export const trainCommand: Command = {
  name: 'train',
  summary: 'Train a model on synthetic tables.',
  description: [
    'Train a model on tables drawn from the prior, and keep the run in the folder --out: its state, log.jsonl with one event per line, and model/ with the averaged weights. Ctrl-C saves and stops; --resume goes on as if the run had not been stopped.',
    'Sizes, plan and optimiser come from --preset; a JSON file given with --config overrides any part of them, and the options below win over both.',
  ],
  options: [
    { name: 'out', short: 'o', kind: 'string', value: 'DIR', required: true, summary: 'Folder of the run.' },
    {
      name: 'resume',
      kind: 'flag',
      summary: 'Go on with the run in --out, with the settings that it began with.',
    },
    {
      name: 'preset',
      kind: 'string',
      value: 'NAME',
      choices: ['nano', 'small', 'medium'],
      defaultText: 'nano',
      summary: 'Size of the model; small and medium need more than a CPU to become good.',
    },
    {
      name: 'config',
      kind: 'string',
      value: 'FILE',
      summary: 'JSON with settings that differ from the preset.',
    },
    {
      name: 'name',
      kind: 'string',
      value: 'NAME',
      defaultText: "the preset's",
      summary: 'Name of the model.',
    },
    { name: 'steps', kind: 'integer', value: 'N', min: 1, summary: 'Stop after so many steps.' },
    {
      name: 'minutes',
      kind: 'number',
      value: 'N',
      min: 0.01,
      summary: 'Stop after so much time, instead of --steps.',
    },
    {
      name: 'seed',
      kind: 'integer',
      value: 'N',
      min: 0,
      defaultText: '1',
      summary: 'Seed of weights and data.',
    },
    {
      name: 'workers',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 1024,
      defaultText: 'the cores that this process may use',
      summary: 'Processes that compute gradients; one core each.',
    },
  ],
  examples: [
    'npx posterior train --out runs/mine --minutes 60',
    'npx posterior train --out runs/mine --resume',
    'npx posterior predict --models runs/mine --model nano --train train.csv --test test.csv --target label',
  ],
  async run(values, _positionals, context) {
    const { trainModel } = await import('../train/train-model.ts')
    return await trainModel(values, context)
  },
}
