import type { Command } from '../command.ts'
import { MODELS_OPTION } from '../models-folder.ts'

/** `posterior predict`: a table or a question in, predictions out, with no server. */
export const predictCommand: Command = {
  name: 'predict',
  summary: 'Predict a column of one table from another table.',
  description: [
    'Learn from the rows of --train in one pass and predict the column --target for the rows of --test. No server is needed.',
    'Tables are CSV (header row, empty = missing) or Parquet, by their extension. Columns are matched by name, or by position when the names differ and the count is the same. When the test table holds the target too, it is left out of the prediction and scores are printed to stderr.',
    'The output has one row per test row, in order. Classification: prediction and one probability_CLASS column per class. Regression: prediction (the mean), median, mode and quantile_0.1 to quantile_0.9.',
    'With BRAIN, the brain of a project answers instead of a general model: it takes columns of numbers, and its output is prediction and the quantiles, or the probabilities of the classes. A training table of the target alone is a series, which is continued for as many steps as the test table has rows.',
    'Without tables, a question of the Predict API is read as JSON, from --question or stdin, and the answer is the JSON that a server would give.',
  ],
  positionals: [{ name: '[BRAIN]', summary: 'Run of the project, or the folder of a brain.' }],
  options: [
    { name: 'train', kind: 'string', value: 'FILE', summary: 'Table of labelled rows: the context.' },
    { name: 'test', kind: 'string', value: 'FILE', summary: 'Table of rows to predict: the query.' },
    { name: 'target', kind: 'string', value: 'COLUMN', summary: 'Column to predict.' },
    {
      name: 'question',
      kind: 'string',
      value: 'FILE',
      defaultText: 'stdin, when there is a brain and there are no tables',
      summary: 'JSON of the Predict API in place of tables; - for stdin.',
    },
    {
      name: 'dir',
      kind: 'string',
      value: 'DIR',
      defaultText: 'the current folder',
      summary: 'Folder of the project of BRAIN.',
    },
    {
      name: 'task',
      kind: 'string',
      value: 'TASK',
      choices: ['classification', 'regression'],
      defaultText: 'from the target: text, booleans and few whole numbers are classes',
      summary: 'What to predict.',
    },
    {
      name: 'out',
      short: 'o',
      kind: 'string',
      value: 'FILE',
      defaultText: 'CSV to stdout',
      summary: 'Where to write, .csv or .parquet.',
    },
    {
      name: 'output',
      kind: 'string',
      value: 'KIND',
      choices: ['probas', 'preds', 'main', 'mean', 'median', 'mode', 'quantiles'],
      defaultText: 'probas for classification, main for regression',
      summary:
        'What to write. Classification: probas, preds. Regression: main, mean, median, mode, quantiles.',
    },
    {
      name: 'quantiles',
      kind: 'string',
      value: 'LEVELS',
      defaultText: '0.1,0.2,…,0.9',
      summary: 'Levels between 0 and 1, separated by commas, for main and quantiles.',
    },
    {
      name: 'categorical',
      kind: 'string',
      value: 'COLUMNS',
      summary: 'Columns of numbers that are categories, separated by commas.',
    },
    {
      name: 'model',
      kind: 'string',
      value: 'NAME',
      defaultText: "the release's default model",
      summary: 'Model to predict with.',
    },
    MODELS_OPTION,
    {
      name: 'estimators',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 32,
      defaultText: '4, or 8 to tell classes apart from at most 1,500 labelled rows',
      summary: 'Ensemble members; time grows in proportion.',
    },
    {
      name: 'seed',
      kind: 'integer',
      value: 'N',
      min: 0,
      defaultText: '0',
      summary: 'Seed of the ensemble; same seed and data, same answer.',
    },
    {
      name: 'threads',
      kind: 'integer',
      value: 'N',
      min: 1,
      max: 1024,
      defaultText: 'the cores that this process may use',
      summary: 'Threads to compute with.',
    },
  ],
  examples: [
    'npx posterior predict --train examples/data/iris-train.csv --test examples/data/iris-test.csv --target species',
    'npx posterior predict --train examples/data/diabetes-train.csv --test examples/data/diabetes-test.csv --target progression --out predictions.csv',
    'npx posterior predict first --train known.csv --test new.csv --target y',
    'npx posterior predict runs/first/model --question question.json',
  ],
  async run(values, [brain], context) {
    if (brain !== undefined || 'question' in values) {
      const { askBrain } = await import('../predict/ask-brain.ts')
      return await askBrain({ values, brain, context })
    }
    const { predict } = await import('../predict/predict.ts')
    return await predict(values, context)
  },
}
