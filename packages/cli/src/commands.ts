import type { Command } from './command.ts'
import { benchCommand } from './commands/bench.ts'
import { exportCommand } from './commands/export.ts'
import { initCommand } from './commands/init.ts'
import { modelsCommand } from './commands/models.ts'
import { predictCommand } from './commands/predict.ts'
import { pushCommand } from './commands/push.ts'
import { runnerCommand } from './commands/runner.ts'
import { sampleCommand } from './commands/sample.ts'
import { serveCommand } from './commands/serve.ts'
import { tokensCommand } from './commands/tokens.ts'
import { trainCommand } from './commands/train.ts'
import { usersCommand } from './commands/users.ts'
import { validateCommand } from './commands/validate.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  runnerCommand,
  predictCommand,
  modelsCommand,
  trainCommand,
  benchCommand,
  initCommand,
  validateCommand,
  sampleCommand,
  exportCommand,
  pushCommand,
  usersCommand,
  tokensCommand,
]
