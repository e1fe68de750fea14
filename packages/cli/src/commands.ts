import type { Command } from './command.ts'
import { benchCommand } from './commands/bench.ts'
import { modelsCommand } from './commands/models.ts'
import { predictCommand } from './commands/predict.ts'
import { serveCommand } from './commands/serve.ts'
import { trainCommand } from './commands/train.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  predictCommand,
  modelsCommand,
  trainCommand,
  benchCommand,
]
