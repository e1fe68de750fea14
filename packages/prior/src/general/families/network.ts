import { network } from '../mechanisms.ts'
import { familyFromInputs } from './from-inputs.ts'

/** Targets that are small random neural networks of the columns. */
export const networkFamily = familyFromInputs(() => network)
