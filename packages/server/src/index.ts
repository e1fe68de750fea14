export {
  type Config,
  ConfigError,
  describeConfig,
  type Environment,
  loadConfig,
  renderConfigReference,
} from './config.ts'
export type { Predictor } from './domain/ports/predictor.ts'
export { type RunOptions, runServer } from './main.ts'
export { type RunningServer, type StartOptions, startServer } from './start.ts'
export { StartError } from './start-error.ts'
