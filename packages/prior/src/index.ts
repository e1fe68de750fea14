export {
  type BatchSpec,
  type CatalogueSource,
  CLASS_SLOT_COUNT,
  COLUMN_ID_WIDTH,
  checkBatchSpec,
  type GraphTargets,
  type TaskBatch,
} from './batch/batch-spec.ts'
export { drawBatch } from './batch/draw-batch.ts'
export { CATALOGUE, findPrior, requirePrior } from './catalogue/catalogue.ts'
export {
  type BatchBudget,
  checkTrainable,
  classSlotsOf,
  drawTables,
  drawTasks,
  planBatch,
  planCatalogueBatch,
  requireTrainable,
  standardisedTargets,
  targetScale,
} from './catalogue/catalogue-batch.ts'
export { type DiscoveryTask, packDiscovery } from './catalogue/pack/discovery.ts'
export {
  fitSeriesScale,
  type SeriesLayout,
  type SeriesScale,
  seriesColumnNames,
  seriesRow,
} from './catalogue/pack/series.ts'
export { drawParameters, rangeOf, validateOverrides } from './catalogue/parameters.ts'
export { PriorError } from './catalogue/prior-error.ts'
export { type PriorInputs, type PriorSizes, priorSizes } from './catalogue/prior-inputs.ts'
export {
  type PriorSample,
  type PriorSamples,
  type SamplePriorOptions,
  samplePrior,
} from './catalogue/sample-prior.ts'
export { type NestedNumbers, type SamplesDocument, samplesDocument } from './catalogue/samples-document.ts'
export type {
  InContextTask,
  InputKind,
  Interval,
  OutputSpec,
  Overrides,
  ParameterSpec,
  ParameterSpecs,
  ParameterValue,
  ParameterValues,
  PriorDeclaration,
  StudioPrior,
  TaskLayout,
  Tensor,
} from './catalogue/studio-prior.ts'
export { sampleBatch } from './general/sample-batch.ts'
export { choleskyFactor, solveCholesky } from './linear-algebra/cholesky.ts'
export { checkModule, type ModuleReport } from './module/check-module.ts'
export type { DeclarationDefaults, ModuleDeclaration } from './module/declaration.ts'
export {
  drawModuleBatch,
  drawModuleTables,
  drawModuleTasks,
  requireTrainableModule,
  type SeedHalf,
} from './module/module-batch.ts'
export { ModuleError, type ModuleErrorDetails } from './module/module-error.ts'
export { type DeclaredModule, modulePrior } from './module/module-prior.ts'
export { moduleSizes } from './module/module-sizes.ts'
export { type DrawnSample, ModuleSource, type WrittenPrior } from './module/module-source.ts'
export { SandboxLost } from './module/prior-sandbox.ts'
export { sampleModule } from './module/sample-module.ts'
export type { PriorModule } from './module/sandbox/protocol.ts'
export { ORACLE_LEVELS } from './oracles/gaussian-mixture.ts'
export type { Oracle } from './oracles/oracle.ts'
export { findOracle, ORACLES, oracleLoss } from './oracles/oracle-loss.ts'
