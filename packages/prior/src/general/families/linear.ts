import { linear } from '../mechanisms.ts'
import { familyFromInputs } from './from-inputs.ts'

/** Linear regression and logistic classification, from few dominant to many weak columns. */
export const linearFamily = familyFromInputs(() => linear)
