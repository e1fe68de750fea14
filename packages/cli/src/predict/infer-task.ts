/** Decides between classification and regression from the target column, and says why. */
import type { Column } from '@posterior/tabular'
import { CommandError } from '../command.ts'

/** Most distinct whole numbers that are still taken for class labels. */
const MAX_NUMERIC_CLASSES = 20

export interface TaskChoice {
  task: 'classification' | 'regression'
  /** Why, as half a sentence. */
  reason: string
}

/**
 * Words and booleans are classes; numbers are classes when they are whole, at most 20 of them differ and each comes
 * twice on average; all other numbers are a quantity.
 *
 * @throws CommandError when the target holds dates
 */
export function inferTask(target: Column): TaskChoice {
  switch (target.kind) {
    case 'string':
      return { task: 'classification', reason: `'${target.name}' holds text` }
    case 'boolean':
      return { task: 'classification', reason: `'${target.name}' holds true and false` }
    case 'datetime':
      throw new CommandError(
        `The target '${target.name}' holds dates, which cannot be predicted. Turn it into a number, such as days since a fixed day.`,
      )
    case 'number': {
      const present = target.values.filter((value) => !Number.isNaN(value))
      const distinct = new Set(present).size
      const areClasses = target.integer && distinct <= MAX_NUMERIC_CLASSES && distinct * 2 <= present.length
      if (areClasses)
        return { task: 'classification', reason: `'${target.name}' holds ${distinct} distinct whole numbers` }
      return { task: 'regression', reason: `'${target.name}' holds ${distinct} distinct numbers` }
    }
  }
}
