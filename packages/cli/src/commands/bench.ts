import { type Command, UsageError } from '../command.ts'
import { MODELS_OPTION } from '../models-folder.ts'

/** `posterior bench quality`: how good a model is. */
export const benchCommand: Command = {
  name: 'bench',
  summary: 'Judge a model on real tables beside other methods.',
  description: [
    'posterior bench quality fits and predicts real tables with fixed splits, through the engine that serves, and compares the model with the results of other methods on the same rows: mean, median, rank, win rate and Elo with bootstrap intervals, by task and by the shape of the table.',
    'The tables are not part of the repository: --data names a folder with index.json, baselines.json.gz and one CSV per table. Each split is rebuilt and checked against the stored figure of the simplest baseline.',
    'Results are appended to results.jsonl in --out, one line per split; a run that was stopped goes on where it was, and one that is complete only writes the report again: report.json, report.md and plots.',
  ],
  positionals: [{ name: 'quality', summary: 'What to measure; speed is measured by npm run bench.' }],
  options: [
    {
      name: 'model',
      kind: 'string',
      value: 'NAME|DIR',
      required: true,
      summary: 'Model by name, or the folder of a checkpoint such as runs/mine/model.',
    },
    {
      name: 'data',
      kind: 'string',
      value: 'DIR',
      defaultText: 'POSTERIOR_SELECT_DIR',
      summary: 'Folder of the tables.',
    },
    {
      name: 'sets',
      kind: 'string',
      value: 'SETS',
      defaultText: 'all',
      summary:
        'all, small (at most 700 training rows and 20 features), classification, regression, or names separated by commas.',
    },
    {
      name: 'seeds',
      kind: 'string',
      value: 'SEEDS',
      defaultText: '0,1,2',
      summary: 'Seeds of the splits, separated by commas.',
    },
    {
      name: 'out',
      short: 'o',
      kind: 'string',
      value: 'DIR',
      defaultText: 'runs/quality-MODEL',
      summary: 'Folder of the results and the report.',
    },
    {
      name: 'baselines',
      kind: 'string',
      value: 'DIR',
      defaultText: 'bench/baselines/results of this checkout, if it is there',
      summary: 'Folder with further results of other methods on the same splits.',
    },
    {
      name: 'train-rows',
      kind: 'integer',
      value: 'N',
      min: 2,
      summary:
        'Another limit of training rows than that of the stored splits; only results made with the same limit are compared with.',
    },
    {
      name: 'estimators',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 32,
      defaultText: '4',
      summary: 'Ensemble members.',
    },
    {
      name: 'ridge-columns',
      kind: 'string',
      value: 'on|off',
      defaultText: 'as the model was trained',
      summary: 'Whether tables get columns of a ridge regression beside their own.',
    },
    {
      name: 'jobs',
      short: 'j',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 256,
      defaultText: 'the cores that this process may use',
      summary: 'Splits at a time.',
    },
    {
      name: 'threads',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 1024,
      defaultText: '1',
      summary: 'Threads of each.',
    },
    {
      name: 'card',
      kind: 'string',
      value: 'FILE',
      summary: 'Card of a model, such as models/nano/README.md: replace the summary between its marks.',
    },
    MODELS_OPTION,
  ],
  examples: [
    'npx posterior bench quality --model nano --data DIR',
    'npx posterior bench quality --model runs/mine/model --data DIR --sets small --seeds 0',
  ],
  async run(values, [kind], context) {
    if (kind !== 'quality')
      throw new UsageError(
        `posterior bench measures quality; got '${kind ?? ''}'. Write posterior bench quality.`,
      )
    const { benchModelQuality } = await import('../bench/bench-model-quality.ts')
    return await benchModelQuality(values, context)
  },
}
