/** `posterior predict`: read both tables, fit, predict, write; notes and scores go to stderr. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, type Prediction } from '@posterior/engine'
import { formatScores, scorePrediction } from '@posterior/evaluation'
import { dropColumns, findColumn, type Table, writeCsv } from '@posterior/tabular'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { modelsFolder } from '../models-folder.ts'
import { Progress } from '../progress.ts'
import { inferTask } from './infer-task.ts'
import { predictionTable } from './prediction-table.ts'
import { readCategorical, readOutput, readQuantiles, type Task } from './read-options.ts'
import { readTables } from './read-tables.ts'
import { formatOf, writeTableFile } from './table-files.ts'

/** Run the command. @returns exit code 0; everything else is thrown */
export async function predict(values: OptionValues, context: CommandContext): Promise<number> {
  const missing = ['train', 'test', 'target'].find((name) => !(name in values))
  if (missing) throw new UsageError(`posterior predict needs --${missing}.`)
  const out = values['out'] as string | undefined
  if (out) formatOf(out)
  const modelsDir = modelsFolder(values, context.env)
  const progress = new Progress(context.stderr)
  const folder = await mkdtemp(join(tmpdir(), 'posterior-predict-'))
  try {
    progress.step('reading the tables')
    const tables = await readTables(values)
    const task = chooseTask(values, tables.train, progress)
    // The options are checked before the engine starts, which takes longer.
    const quantiles = readQuantiles(values)
    const output = readOutput(values, task)
    const job = { ...fitJob(values, tables.train, task), contextDir: join(folder, 'context') }

    progress.step('starting the engine')
    const threads = values['threads'] as number | undefined
    const engine = await Engine.start({ modelsDir, processes: 1, ...(threads ? { threads } : {}) })
    let prediction: Prediction
    try {
      const fitting = `fitting on ${tables.train.rowCount} rows`
      progress.step(fitting)
      const summary = await engine.fit(job, context.signal, (done, total) =>
        progress.update(done / total, fitting),
      )
      const predicting = `predicting ${tables.test.rowCount} rows`
      progress.step(predicting)
      prediction = await engine.predict(
        {
          contextDir: job.contextDir,
          x: { table: tables.test },
          output,
          ...(quantiles ? { quantiles } : {}),
        },
        context.signal,
        (done, total) => progress.update(done / total, predicting),
      )
      for (const warning of new Set([...summary.warnings, ...prediction.warnings]))
        progress.note(`warning: ${warning}`)
    } finally {
      await engine.close()
    }

    const answer = predictionTable(prediction)
    if (out) await writeTableFile(answer, out)
    progress.stop()
    if (!out) context.stdout.write(writeCsv(answer))
    const scores = tables.truth && formatScores(scorePrediction(prediction, tables.truth))
    if (scores) context.stderr.write(`Scores on the target of the test table: ${scores}\n`)
    if (out) context.stderr.write(`Wrote ${answer.rowCount} predictions to ${out}.\n`)
    return 0
  } finally {
    progress.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function chooseTask(values: OptionValues, train: Table, progress: Progress): Task {
  if (values['task'] !== undefined) return values['task'] as Task
  const { task, reason } = inferTask(findColumn(train, String(values['target'])))
  progress.note(`Task: ${task}, because ${reason}. Choose with --task.`)
  return task
}

function fitJob(values: OptionValues, train: Table, task: Task) {
  const target = String(values['target'])
  const features = dropColumns(train, [target])
  if (features.columns.length === 0) {
    throw new CommandError(
      `The training table holds '${target}' alone; it needs at least one more column to learn from.`,
    )
  }
  const categorical = readCategorical(values, features)
  const model = values['model'] as string | undefined
  return {
    ...(model ? { model } : {}),
    task,
    x: { table: features },
    y: { table: { rowCount: train.rowCount, columns: [findColumn(train, target)] } },
    options: {
      ...(values['estimators'] === undefined ? {} : { estimators: Number(values['estimators']) }),
      ...(values['seed'] === undefined ? {} : { randomState: Number(values['seed']) }),
      ...(categorical ? { categoricalColumns: categorical } : {}),
    },
  }
}
