export {
  type Bars,
  type EstimatorOptions,
  TabPFNClassifier,
  TabPFNRegressor,
} from './estimators.ts'
export { PosteriorClient } from './posterior-client.ts'
export { type FieldProblem, PosteriorError } from './posterior-error.ts'
export type { NumberRows, Question, Target } from './predict-api.ts'
export type { Cell, Label, Rows } from './table.ts'
export type { FitSettings, OutputType, TablePrediction, Task, TrainingTable } from './tables.ts'
export type { CallOptions, ClientOptions } from './transport.ts'
