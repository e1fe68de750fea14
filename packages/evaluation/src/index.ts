export {
  type BenchQualityOptions,
  type BenchQualityOutcome,
  benchQuality,
} from './bench-quality.ts'
export { EvaluationError } from './evaluation-error.ts'
export { renderSummary } from './report/markdown.ts'
export type { QualityReport } from './report/report.ts'
export type { SplitEvent } from './run/run-splits.ts'
export { formatScores, type Scores, scorePrediction } from './score-prediction.ts'
