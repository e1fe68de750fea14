import type { Command } from './command.ts'
import { benchCommand } from './commands/bench.ts'
import { modelsCommand } from './commands/models.ts'
import { predictCommand } from './commands/predict.ts'
import { serveCommand } from './commands/serve.ts'
import { tokensCommand } from './commands/tokens.ts'
import { trainCommand } from './commands/train.ts'
import { usersCommand } from './commands/users.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  predictCommand,
  modelsCommand,
  trainCommand,
  benchCommand,
  usersCommand,
  tokensCommand,
]
