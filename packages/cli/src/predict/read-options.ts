/** The options of `posterior predict`, checked against each other and against the tables. */
import type { Table } from '@posterior/tabular'
import { CommandError, type OptionValues, UsageError } from '../command.ts'

const OUTPUTS = {
  classification: ['probas', 'preds'],
  regression: ['main', 'mean', 'median', 'mode', 'quantiles'],
} as const

export type Task = keyof typeof OUTPUTS
export type OutputKind = (typeof OUTPUTS)[Task][number]

/** The output kind for the task. @throws UsageError when the two do not go together */
export function readOutput(values: OptionValues, task: Task): OutputKind {
  const allowed: readonly string[] = OUTPUTS[task]
  const given = values['output'] as OutputKind | undefined
  if (given === undefined) return OUTPUTS[task][0]
  if (!allowed.includes(given)) {
    throw new UsageError(`--output ${given} does not go with ${task}; choose one of ${allowed.join(', ')}.`)
  }
  return given
}

/** Quantile levels, increasing; undefined when not given. @throws UsageError */
export function readQuantiles(values: OptionValues): number[] | undefined {
  const given = values['quantiles']
  if (given === undefined) return undefined
  const levels = String(given).split(',').map(Number)
  const isValid = levels.every((level, i) => level >= 0 && level <= 1 && (i === 0 || level > levels[i - 1]!))
  if (!isValid) {
    throw new UsageError(
      `--quantiles is a list of increasing levels from 0 to 1, such as 0.05,0.5,0.95; got '${given}'.`,
    )
  }
  return levels
}

/** Indices of the named feature columns. @throws CommandError for a name that is not there */
export function readCategorical(values: OptionValues, features: Table): number[] | undefined {
  const given = values['categorical']
  if (given === undefined) return undefined
  return String(given)
    .split(',')
    .map((name) => {
      const index = features.columns.findIndex((column) => column.name === name.trim())
      if (index < 0)
        throw new CommandError(
          `--categorical names '${name.trim()}', which is no feature column of the training table.`,
        )
      return index
    })
}
