export type { BatchPlan, CurriculumPhase } from './curriculum.ts'
export type { OptimizerOptions } from './optimizer/optimizer.ts'
export type { Schedule } from './optimizer/schedule.ts'
export { startTrainingRun, type TrainingRun } from './process/training-run.ts'
export { type BrainOptions, brainTrainingConfig } from './run/brain-config.ts'
export { brainManifest, type ManifestProgress } from './run/brain-manifest.ts'
export { BRAIN_ARCHITECTURES, brainOfSize, GRAPH_ARCHITECTURES } from './run/brain-sizes.ts'
export type { Budget } from './run/budget.ts'
export {
  type CarriedFile,
  type CarriedState,
  CarriedStateError,
  packState,
  placeState,
  readState,
  STATE_FILES,
  savedStep,
  stateBytes,
} from './run/carried-state.ts'
export { type HeldOut, measureHeldOut } from './run/held-out.ts'
export { CHECKPOINTS_FOLDER, keepCheckpoint, keptSteps } from './run/kept-checkpoints.ts'
export { heldOutBatches } from './run/prior-plan.ts'
export type { RunEvent } from './run/run-events.ts'
export { lockRun } from './run/run-lock.ts'
export { loadRun, type RunProgress } from './run/run-state.ts'
export { type TrainOptions, train } from './run/trainer.ts'
export {
  defaultTrainingConfig,
  GENERAL_PRIOR,
  type PriorChoice,
  type TrainingConfig,
  validateTrainingConfig,
} from './run/training-config.ts'
export { TrainingError, TrainingInterrupted } from './run/training-error.ts'
export { type EvalPlan, HELD_OUT, isHeldOut, SCORER_SLUGS } from './score/choose-scorer.ts'
export { correlationsOf, EDGE_THRESHOLD, type GraphScore, rowsOf, scoreGraph } from './score/graph-scorer.ts'
export { drawHeldOutTables } from './score/held-out-tasks.ts'
export type { Metrics, Score } from './score/score.ts'
export { brainInputsOf } from './studio/brain-inputs.ts'
export { type StudioEvent, studioEvent } from './studio/studio-events.ts'
export { type FinishedTraining, readOutcome } from './studio/training-outcome.ts'
export { planTraining, type TrainingPlan, tablesOfPlan } from './studio/training-plan.ts'
