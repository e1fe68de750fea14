/** `posterior predict` with a brain, or with a question of the Predict API: what a server answers, without one. */
import { readFile } from 'node:fs/promises'
import type { Prediction } from '@posterior/engine'
import { formatScores, scorePrediction } from '@posterior/evaluation'
import { type LocalTarget, openLocalAnswers, readQuestionText } from '@posterior/server'
import { type Column, findColumn, type Table, writeCsv } from '@posterior/tabular'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { modelsFolder } from '../models-folder.ts'
import { Progress } from '../progress.ts'
import { type BrainAnswer, brainQuestion, labelsOf } from './brain-question.ts'
import { type Brain, findBrain } from './find-brain.ts'
import { predictionTable } from './prediction-table.ts'
import { readQuantiles } from './read-options.ts'
import { readTables } from './read-tables.ts'
import { formatOf, writeTableFile } from './table-files.ts'

export interface AskRequest {
  values: OptionValues
  brain: string | undefined
  context: CommandContext
}

const TABLE_OPTIONS = ['train', 'test', 'target'] as const

/** Options that belong to general models and tables of any kind. */
const NOT_OF_BRAINS = ['task', 'output', 'categorical'] as const

/** Run the command. @returns exit code 0; everything else is thrown */
export async function askBrain({ values, brain: wanted, context }: AskRequest): Promise<number> {
  const refused = NOT_OF_BRAINS.filter((name) => name in values)
  if (refused.length > 0) {
    throw new UsageError(
      `--${refused.join(', --')} is for tables and general models, not for a brain or a question.`,
    )
  }
  if (wanted !== undefined && 'model' in values) throw new UsageError('Give a brain or --model, not both.')
  const brain = wanted === undefined ? undefined : await findBrain(wanted, String(values['dir'] ?? '.'))
  const given = TABLE_OPTIONS.filter((name) => name in values)
  if (given.length === 0) {
    const target = brain ?? { model: { name: modelName(values) }, name: modelName(values) }
    return askQuestion(target, values, context)
  }
  if ('question' in values) throw new UsageError(`Give --question or --${given.join(', --')}, not both.`)
  const missing = TABLE_OPTIONS.filter((name) => !(name in values))
  if (missing.length > 0) throw new UsageError(`posterior predict needs --${missing[0]}.`)
  return askTables(brain!, values, context)
}

function modelName(values: OptionValues): string {
  if (values['model'] === undefined) throw new UsageError('--question needs a brain, or --model.')
  return String(values['model'])
}

/** A question as JSON, answered as JSON. */
async function askQuestion(
  target: LocalTarget,
  values: OptionValues,
  context: CommandContext,
): Promise<number> {
  const body = {
    ...readQuestionText(await questionBytes(values, context), context.env),
    ...settingsOf(values),
  }
  const answer = await answered(target, body, values, context)
  if (values['out'] === undefined) context.stdout.write(`${answer}\n`)
  else throw new UsageError('--out is for tables; the answer to a question goes to stdout.')
  return 0
}

async function questionBytes(values: OptionValues, { stdin }: CommandContext): Promise<Uint8Array> {
  const path = String(values['question'] ?? '-')
  if (path !== '-') {
    return readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new CommandError(`Could not read ${path} (${cause.code}).`, { cause })
    })
  }
  if ((stdin as { isTTY?: boolean }).isTTY) {
    throw new UsageError(
      'There are no tables and no question: give --train, --test and --target, or JSON on stdin.',
    )
  }
  const pieces: Buffer[] = []
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer))
  return Buffer.concat(pieces)
}

/** Tables in, a table out. */
async function askTables(brain: Brain, values: OptionValues, context: CommandContext): Promise<number> {
  const out = values['out'] as string | undefined
  if (out) formatOf(out)
  const tables = await readTables(values)
  const target = findColumn(tables.train, String(values['target']))
  const { body, labels } = brainQuestion({ ...tables, target }, brain.inputs.task === 'classification')
  const text = await answered(brain, { ...body, ...settingsOf(values) }, values, context)
  const answer = JSON.parse(text) as BrainAnswer
  for (const warning of answer.warnings) context.stderr.write(`warning: ${warning}\n`)
  const table = tableOf(answer, labels)
  if (out) await writeTableFile(table, out)
  else context.stdout.write(writeCsv(table))
  const scores = tables.truth && formatScores(scorePrediction(scorable(answer, labels), tables.truth))
  if (scores) context.stderr.write(`Scores on the target of the test table: ${scores}\n`)
  if (out) context.stderr.write(`Wrote ${table.rowCount} predictions to ${out}.\n`)
  return 0
}

function settingsOf(values: OptionValues): Record<string, unknown> {
  const quantiles = readQuantiles(values)
  return {
    ...(values['estimators'] !== undefined && { n_estimators: values['estimators'] }),
    ...(values['seed'] !== undefined && { random_state: values['seed'] }),
    ...(quantiles && { quantiles }),
  }
}

async function answered(
  target: LocalTarget,
  body: Record<string, unknown>,
  values: OptionValues,
  context: CommandContext,
): Promise<string> {
  const progress = new Progress(context.stderr)
  try {
    progress.step('starting the engine')
    const modelsDir = modelsFolder(values, context.env)
    const threads = values['threads'] as number | undefined
    const answers = await openLocalAnswers({ modelsDir, threads, env: context.env })
    try {
      progress.step('answering')
      return await answers.ask(target, body, context.signal)
    } finally {
      await answers.close()
    }
  } finally {
    progress.stop()
  }
}

type Labels = readonly (string | number | boolean)[] | null

function tableOf(answer: BrainAnswer, labels: Labels): Table {
  if (labels) return predictionTable(scorable(answer, labels))
  const column = (name: string, values: readonly number[]): Column => {
    return { kind: 'number', name, values: Float64Array.from(values), integer: false }
  }
  const quantiles = Object.entries(answer.quantiles ?? {})
  return {
    rowCount: answer.predictions.length,
    columns: [
      column('prediction', answer.predictions),
      ...quantiles.map(([level, values]) => column(`quantile_${level}`, values)),
    ],
  }
}

/** The answer in the form that scores are made of. */
function scorable(answer: BrainAnswer, labels: Labels): Prediction {
  const shared = { rowCount: answer.predictions.length } as Prediction
  if (!labels)
    return { ...shared, output: 'mean', values: Float64Array.from(answer.predictions) } as Prediction
  const probabilities = Float64Array.from((answer.probabilities ?? []).flat())
  return { ...shared, output: 'probas', classes: labelsOf(answer, labels), probabilities } as Prediction
}
