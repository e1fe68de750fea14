/** Coin flips: the next flips from those seen. */

import { type InContextTask, type PackOptions, type Tensor, tensorOf } from '../studio-prior.ts'

/**
 * Classification without a feature that tells anything: the only column is the flip's number, or a constant, since
 * callers may send either.
 */
export function packFlips(
  sample: Record<string, Tensor>,
  { train, test, random }: Pick<PackOptions, 'train' | 'test' | 'random'>,
): InContextTask {
  const flips = tensorOf(sample, 'flips').data
  const isNumbered = random.bool()
  const isSwapped = random.bool()
  return {
    task: 'classification',
    train,
    test,
    columns: [{ name: 'flip', values: flips.map((_, i) => (isNumbered ? i : 0)), categorical: false }],
    y: flips.map((flip) => (isSwapped ? 1 - flip : flip)),
    classes: 2,
  }
}
