import type { Command } from '../command.ts'

/** `posterior train`: a brain of a project, or a model of one's own. */
export const trainCommand: Command = {
  name: 'train',
  summary: 'Train the brain of a project, or a general model.',
  description: [
    'With RUN, in a studio project: train the brain of the run file runs/RUN.yaml, as a server would, to the same bytes for the same budget of steps. State and brain are kept in runs/RUN/, outside of version control, and what came of it in runs/RUN.results.json. The same command goes on with a run that was stopped. In a project with one run RUN may be left out.',
    'With --out and no RUN: train a general model on tables drawn from the prior, and keep the run in that folder: its state, log.jsonl with one event per line, and model/ with the averaged weights. Sizes, plan and optimiser come from --preset; a JSON file given with --config overrides any part of them, and the options below win over both. --resume goes on as if the run had not been stopped.',
    'Ctrl-C saves and stops. A run that changed nothing is skipped, not completed, and ends with exit code 1 as one that failed.',
  ],
  positionals: [{ name: '[RUN]', summary: 'Run of the project, by slug or file.' }],
  options: [
    {
      name: 'out',
      short: 'o',
      kind: 'string',
      value: 'DIR',
      defaultText: 'with RUN: runs/RUN',
      summary: 'Folder of the run.',
    },
    {
      name: 'dir',
      kind: 'string',
      value: 'DIR',
      defaultText: 'the current folder',
      summary: 'With RUN: folder of the project.',
    },
    {
      name: 'restart',
      kind: 'flag',
      summary: 'With RUN: remove what an earlier training left, and begin anew.',
    },
    {
      name: 'json',
      kind: 'flag',
      summary: 'With RUN: print the events as JSON, one per line, as a server tells them.',
    },
    {
      name: 'resume',
      kind: 'flag',
      summary: 'Without RUN: go on with the run in --out, with the settings that it began with.',
    },
    {
      name: 'preset',
      kind: 'string',
      value: 'NAME',
      choices: ['nano', 'small', 'medium'],
      defaultText: 'nano',
      summary: 'Without RUN: size of the model; small and medium need more than a CPU to become good.',
    },
    {
      name: 'config',
      kind: 'string',
      value: 'FILE',
      summary: 'Without RUN: JSON with settings that differ from the preset.',
    },
    {
      name: 'name',
      kind: 'string',
      value: 'NAME',
      defaultText: "the preset's",
      summary: 'Without RUN: name of the model.',
    },
    {
      name: 'steps',
      kind: 'integer',
      value: 'N',
      min: 1,
      summary: 'Stop after so many steps; with RUN, instead of what its file says.',
    },
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
      defaultText: '1, or that of the run file',
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
    'npx posterior train first',
    'npx posterior train first --dir my-project --steps 20 --out runs/trial',
    'npx posterior train --out runs/mine --minutes 60',
    'npx posterior train --out runs/mine --resume',
    'npx posterior predict --models runs/mine --model nano --train train.csv --test test.csv --target label',
  ],
  async run(values, [run], context) {
    const { isProject } = await import('../project/read-folder.ts')
    const isRun = run !== undefined || 'dir' in values || (!('out' in values) && (await isProject('.')))
    if (isRun) {
      const { trainRun } = await import('../project/train-run.ts')
      return await trainRun({ values, run, context })
    }
    const { trainModel } = await import('../train/train-model.ts')
    return await trainModel(values, context)
  },
}
