/** The last look at a prediction before it is charged and sent. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { MainValues, PredictionValues } from '../ports/predictor.ts'

/** Numbers checked before others get a turn: about a millisecond of work. */
const CHECKS_PER_TURN = 500_000

/**
 * Make sure that every number can be written as JSON.
 *
 * @throws Error when a value is NaN or infinite, which would be a bug of the engine
 */
export async function assertFinite(values: PredictionValues): Promise<void> {
  for (const [name, array] of arraysOf(values)) {
    for (let start = 0; start < array.length; start += CHECKS_PER_TURN) {
      const end = Math.min(array.length, start + CHECKS_PER_TURN)
      for (let i = start; i < end; i++) {
        if (!Number.isFinite(array[i])) throw new Error(`prediction has ${array[i]} in ${name} at ${i}`)
      }
      if (end < array.length) await breathe()
    }
  }
}

function arraysOf(values: PredictionValues): [string, Float64Array][] {
  const main = ({ mean, median, mode, quantiles }: MainValues): [string, Float64Array][] => [
    ['mean', mean],
    ['median', median],
    ['mode', mode],
    ...quantiles.map((row): [string, Float64Array] => ['quantiles', row]),
  ]
  switch (values.output) {
    case 'preds':
      return []
    case 'probas':
      return [['probabilities', values.probabilities]]
    case 'mean':
    case 'median':
    case 'mode':
      return [[values.output, values.values]]
    case 'quantiles':
      return values.quantiles.map((row) => ['quantiles', row])
    case 'main':
      return main(values)
    case 'full':
      return [...main(values), ['logits', values.logits], ['borders', values.borders]]
  }
}
