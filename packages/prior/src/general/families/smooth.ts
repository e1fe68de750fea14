import { additive, quadratic, smooth } from '../mechanisms.ts'
import { familyFromInputs } from './from-inputs.ts'

/** Smooth functions: Gaussian-process draws, sums of one-column functions, quadratic surfaces. */
export const smoothFamily = familyFromInputs((_request, random) => {
  const kind = random.uniform()
  return kind < 0.4 ? smooth : kind < 0.8 ? additive : quadratic
})
