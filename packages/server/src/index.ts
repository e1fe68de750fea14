export { type Administration, openAdministration } from './administration.ts'
export {
  type Config,
  ConfigError,
  describeConfig,
  type Environment,
  loadConfig,
  renderConfigReference,
} from './config.ts'
export type { Predictor } from './domain/ports/predictor.ts'
export {
  type LocalAnswers,
  type LocalAnswersOptions,
  type LocalTarget,
  openLocalAnswers,
  readQuestionText,
} from './local-answers.ts'
export { type RunOptions, runServer } from './main.ts'
export { type RunningServer, type StartOptions, startServer } from './start.ts'
export { FolderInUseError, StartError } from './start-error.ts'
