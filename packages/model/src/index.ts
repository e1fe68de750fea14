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
  type ModelInputs,
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
export { quantilesOfBars } from './composition/bars.ts'
export type { Block, ConfiguredBlock } from './composition/block.ts'
export {
  type CompositionConfig,
  CompositionError,
  compose,
  MAX_BLOCKS,
  MAX_LAYERS,
  needsColumns,
  type WrittenBlock,
} from './composition/composition.ts'
export type { Field, Fields, FieldValue } from './composition/fields.ts'
export { FLOW_NAMES } from './composition/flow.ts'
export { contextNumbers, encodeNumbers, trainingNumbers } from './composition/memory.ts'
export { BLOCKS } from './composition/registry.ts'
export {
  CHANNELS,
  CLASS_SLOTS,
  COLUMN_ID_DIM,
  type InterleavedConfig,
  MODEL_TASKS,
  type ModelTask,
  PRESETS,
  type PresetName,
  QUANTILES,
  rowWidth,
  TASKS,
  type Task,
} from './config.ts'
export {
  buildDiscoverGraph,
  buildEncodeGraph,
  buildLossGraph,
  buildPredictGraph,
  buildStepGraph,
  defineStep,
  parameterCount,
  parameterSpecs,
  type ServingGraphOptions,
  type StepGraph,
  type Weights,
} from './graphs.ts'
export { initialWeights, type NormalSource } from './initialise.ts'
export { QUANTILE_LEVELS } from './losses.ts'
export { type ModelConfig, tasksOf, validateConfig } from './model-config.ts'
export type { Initialisation, ParameterSpec, WeightTensor } from './parameters.ts'
