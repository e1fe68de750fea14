/** What a model has experience with, against what it is asked. */
import { CLASS_SLOTS, type TrainedRange } from '@posterior/model'
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
 * @param mayExceed  give a warning instead of refusing a table that is larger
 * @returns warnings, empty when all is within range
 * @throws EngineError outside_trained_range
 */
export function checkTrainedRange(range: TrainedRange, shape: TableShape, mayExceed: boolean): string[] {
  const warnings: string[] = []
  for (const [what, value] of Object.entries(shape) as [keyof TableShape, number][]) {
    if (what === 'classes' && value === 0) continue
    const [least, most] = range[what]
    if (value > most) {
      const message = `The table has ${value} ${what}; the model was trained on at most ${most}.`
      if (!mayExceed) {
        throw new EngineError(
          'outside_trained_range',
          `${message} Send fewer, choose a larger model, or ask to ignore the trained range.`,
          { details: { quantity: what, value, trainedMost: most, slots: CLASS_SLOTS } },
        )
      }
      warnings.push(`${message} Expect weaker answers.`)
    } else if (value < least) {
      warnings.push(`The table has ${value} ${what}; the model was trained on at least ${least}.`)
    }
  }
  return warnings
}
