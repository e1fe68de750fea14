export * from './api-tokens.ts'
export * from './artefact.ts'
export {
  ARTEFACT_KINDS,
  type ArtefactKind,
  type CommonSpec,
  FIRST_VERSION,
  isMachineField,
} from './artefact-fields.ts'
export * from './block.ts'
export * from './brain.ts'
export * from './dataset.ts'
export * from './discover.ts'
export { findUnstorable, utf8Bytes } from './document-bounds.ts'
export * from './errors.ts'
export type { EvalSpec } from './eval.ts'
export {
  compareVersions,
  handleSchema,
  nextPatch,
  parseVersion,
  slugKey,
  slugOf,
  slugSchema,
  studioNameSchema,
  versionQuerySchema,
} from './ids.ts'
export * from './limits.ts'
export type { ModelSpec } from './model.ts'
export * from './note.ts'
export * from './predict.ts'
export { OUTPUT_TYPES as PRIOR_OUTPUT_TYPES, PARAMETER_TYPES, PRIOR_KINDS, type PriorSpec } from './prior.ts'
export * from './project.ts'
export { isStudioUrl, STUDIO_ROUTES, withoutShareToken } from './routes.ts'
export * from './run.ts'
export * from './runner.ts'
export * from './sample.ts'
export * from './share.ts'
