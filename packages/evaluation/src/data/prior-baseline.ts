/**
 * The `prior` baseline, computed again: class shares or the mean of the training rows. Its stored figures depend on the
 * split alone, so agreement shows that a rebuilt split holds the rows that the baselines saw.
 */
import type { Split } from './splits.ts'

const CLIP = 1e-6

/** RMSE of predicting the training mean. `target` holds one value per row of the dataset. */
export function priorRmse(target: Float64Array, { train, test }: Split): number {
  const mean = train.reduce((sum, row) => sum + target[row]!, 0) / train.length
  const squares = test.reduce((sum, row) => sum + (target[row]! - mean) ** 2, 0)
  return Math.sqrt(squares / test.length)
}

/** Log loss of predicting the class shares of the training rows. */
export function priorLogLoss(labels: readonly string[], { train, test }: Split): number {
  const counts = new Map<string, number>()
  for (const row of train) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1)
  const shareOf = (label: string) => Math.max((counts.get(label) ?? 0) / train.length, CLIP)
  return test.reduce((sum, row) => sum - Math.log(shareOf(labels[row]!)), 0) / test.length
}
