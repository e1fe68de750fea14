export {
  type Checkpoint,
  CheckpointError,
  loadCheckpoint,
  readManifest,
  saveCheckpoint,
} from './checkpoint/checkpoint.ts'
export { syncFolder, writeDurably, writeSynced } from './checkpoint/durable-file.ts'
export {
  limitsOf,
  MANIFEST_FILE,
  type ModelLimits,
  type ModelManifest,
  parseManifest,
  type TrainedRange,
  WEIGHTS_FILE,
} from './checkpoint/manifest.ts'
export {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsFile,
} from './checkpoint/safetensors.ts'
export {
  CHANNELS,
  CLASS_SLOTS,
  COLUMN_ID_DIM,
  type ModelConfig,
  PRESETS,
  type PresetName,
  QUANTILES,
  rowWidth,
  TASKS,
  type Task,
  validateConfig,
} from './config.ts'
export {
  buildEncodeGraph,
  buildLossGraph,
  buildPredictGraph,
  buildStepGraph,
  defineStep,
  parameterCount,
  parameterSpecs,
  QUANTILE_LEVELS,
  type ServingGraphOptions,
  type StepGraph,
  type Weights,
} from './graphs.ts'
export { initialWeights, type NormalSource } from './initialise.ts'
export type { Initialisation, ParameterSpec, WeightTensor } from './parameters.ts'
