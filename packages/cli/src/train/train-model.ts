/** `posterior train`: begin or resume a run and show how it goes. */
import { join, relative } from 'node:path'
import { detectThreads } from '@posterior/engine'
import { loadRun, startTrainingRun, type TrainingConfig } from '@posterior/training'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { Progress } from '../progress.ts'
import { readTrainingConfig } from './read-config.ts'
import { RunDisplay } from './run-display.ts'

/** Options that a resumed run takes from its own folder. */
const FIXED_BY_RUN = ['preset', 'config', 'name', 'steps', 'minutes', 'seed']

/** Run the command. @returns 0 when the run is complete, 130 when it was stopped and saved */
export async function trainModel(values: OptionValues, context: CommandContext): Promise<number> {
  if (values['out'] === undefined) {
    throw new UsageError('posterior train needs a run of a project, or --out for a general model.')
  }
  const wrong = ['restart', 'json'].filter((name) => name in values)
  if (wrong.length > 0) throw new UsageError(`--${wrong.join(', --')} is for runs of a project.`)
  const folder = String(values['out'])
  const config = await configOf(values, folder)
  const progress = new Progress(context.stderr)
  const display = new RunDisplay(progress)
  const workers = values['workers'] === undefined ? detectThreads() : Number(values['workers'])
  const run = startTrainingRun(config, {
    folder,
    workers,
    threads: 1,
    onEvent: (event) => display.show(event),
  })
  context.signal.addEventListener('abort', () => {
    progress.note('Saving and stopping …')
    run.stop()
  })
  const isFinished = await run.done
    .catch((error: Error) => {
      throw new CommandError(`The run failed: ${error.message}`, { cause: error })
    })
    .finally(() => progress.stop())
  const shown = relative(process.cwd(), folder) || folder
  if (!isFinished) {
    context.stderr.write(`Stopped and saved. Go on with: posterior train --out ${shown} --resume\n`)
    return 130
  }
  context.stdout.write(`${join(shown, 'model')}\n`)
  return 0
}

async function configOf(values: OptionValues, folder: string): Promise<TrainingConfig> {
  const saved = await loadRun(folder)
  if (values['resume']) {
    const given = FIXED_BY_RUN.filter((name) => name in values)
    if (given.length > 0)
      throw new UsageError(`--resume keeps the settings of the run; leave out --${given.join(', --')}.`)
    if (!saved) throw new CommandError(`There is no run in ${folder} to resume. Start one without --resume.`)
    return saved.progress.config
  }
  if (saved) {
    throw new CommandError(
      `${folder} holds a run at step ${saved.progress.step}. Go on with it by --resume, or choose another folder.`,
    )
  }
  return readTrainingConfig(values)
}
