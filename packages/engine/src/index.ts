export type {
  Answer,
  AnswerAsked,
  AnswerJob,
  AnswerOptions,
  Bars,
  ClassesAnswer,
  ForecastAnswer,
  ForecastJob,
  ModelChoice,
  NumberRows,
  NumbersAnswer,
} from './answer/answer-job.ts'
export type { DiscoverJob, GraphAnswer } from './answer/discover.ts'
export { Engine, type EngineOptions, type ProgressCallback } from './engine.ts'
export {
  COLUMN_SAMPLINGS,
  type ColumnSampling,
  type EnsembleSettings,
  MEMBER_ORDERS,
  type MemberOrder,
  type RowSample,
  type TargetScalingName,
} from './ensemble/settings.ts'
export { ENGINE_ERROR_CODES, EngineError, type EngineErrorCode } from './errors.ts'
export {
  CLASSIFICATION_OUTPUTS,
  type ClassificationOutput,
  type FitJob,
  type FitOptions,
  type FitSummary,
  type FullPrediction,
  type Label,
  type LabelPrediction,
  type MainPrediction,
  type ModelRef,
  type OutputOptions,
  type PointPrediction,
  type Prediction,
  type PredictionInfo,
  type PredictJob,
  type ProbabilityPrediction,
  type QuantilePrediction,
  REGRESSION_OUTPUTS,
  type RegressionOutput,
  type ResolvedOptions,
  type TableLimits,
  type TableSource,
  type Task,
  type Timings,
} from './job.ts'
export { ModelCatalog, type ModelInfo, type ModelListing, type ModelProblem } from './models/model-catalog.ts'
export { DEFAULT_ESTIMATORS, DEFAULT_QUANTILES, MAX_ESTIMATORS } from './options.ts'
export type { PoolEvent, PoolStats } from './pool/worker-pool.ts'
export type { RunOptions } from './predictor/model-runner.ts'
export { Predictor, type PredictorSettings } from './predictor/predictor.ts'
export { detectThreads } from './runtime/cpu-limit.ts'
export {
  OnnxSession,
  openSession,
  type SessionOptions,
  type TensorData,
  type TensorValue,
} from './runtime/onnx.ts'
export {
  PROVIDERS,
  type Provider,
  type ProviderTrial,
  tryProvider,
  tryProviders,
} from './runtime/providers.ts'
export {
  DEFAULT_THINKING_ROWS,
  THINKING_EFFORTS,
  type ThinkingEffort,
  type ThinkingOptions,
  type ThinkingReport,
} from './thinking/thinking-job.ts'
