/**
 * What a model has experience with and what it may be used for, against what it is asked. The trained range is where it
 * learned: outside it an answer carries a warning. The limits are how far its card vouches for it: beyond them a table
 * is refused unless the caller says otherwise.
 */
import type { ModelConfig, ModelLimits, TrainedRange } from '@posterior/model'
import { TableError } from '@posterior/tabular'
import { EngineError } from '../errors.ts'

export interface TableShape {
  readonly rows: number
  /** As the model sees them. */
  readonly columns: number
  /** 0 for regression. */
  readonly classes: number
}

/**
 * Compare a training table with the sizes that the model saw in training.
 *
 * @returns warnings, empty when all is within range
 */
export function describeTrainedRange(range: TrainedRange, shape: TableShape): string[] {
  return sizesOf(shape).flatMap(([what, value]) => {
    const [least, most] = range[what]
    if (value > most) {
      return [
        `The table has ${value} ${what}; the model was trained on at most ${most}. Expect weaker answers.`,
      ]
    }
    if (value < least) {
      return [`The table has ${value} ${what}; the model was trained on at least ${least}.`]
    }
    return []
  })
}

/**
 * Compare a training table with the limits of the model.
 *
 * @param mayExceed  give a warning instead of refusing a table that is larger
 * @returns warnings, empty when all is within the limits
 * @throws EngineError beyond_model_limits
 */
export function checkModelLimits(limits: ModelLimits, shape: TableShape, mayExceed: boolean): string[] {
  return sizesOf(shape).flatMap(([what, value]) => {
    const most = limits[what]
    if (value <= most) return []
    const message = `The table has ${value} ${what}; the model's limit is ${most}.`
    if (mayExceed) return [`${message} It was used anyway, as asked.`]
    throw new EngineError(
      'beyond_model_limits',
      `${message} Send fewer, choose a model for larger tables, or ask to ignore the model's limits.`,
      { details: { quantity: what, value, most } },
    )
  })
}

/**
 * Refuse rows of a width that the model's weights are not made for.
 *
 * @throws TableError wrong_columns
 */
export function checkWidth(config: ModelConfig, columns: number): void {
  if (config.architecture !== 'composition-1' || config.columns === null || config.columns === columns) return
  throw new TableError(
    'wrong_columns',
    `Model expects ${config.columns} features per row but got ${columns}.`,
  )
}

function sizesOf(shape: TableShape): [keyof TableShape, number][] {
  const sizes = Object.entries(shape) as [keyof TableShape, number][]
  return sizes.filter(([what, value]) => what !== 'classes' || value > 0)
}
