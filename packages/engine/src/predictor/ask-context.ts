/** The answers of one context to some rows, as they are before they are shaped into what was asked for. */
import { QUANTILES } from '@posterior/model'
import { encode, type Table } from '@posterior/tabular'
import type { Context } from '../context/context-state.ts'
import type { OutputOptions, ResolvedOptions } from '../job.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { ClassAnswer } from './class-answer.ts'
import type { ModelRunner, RunOptions } from './model-runner.ts'
import { mixMembers } from './number-answer.ts'

/** What `model` is asked with; the context is of it. */
export interface Asked {
  readonly runner: ModelRunner
  readonly model: ModelInfo
  readonly run: RunOptions
}

/**
 * Class probabilities, not balanced.
 *
 * @param variants output settings to answer with, the model running once for all of them
 * @returns for each variant row-major [rows, classes]
 */
export async function askProbabilities(
  { runner, model, run }: Asked,
  context: Context,
  table: Table,
  variants: readonly ResolvedOptions[],
): Promise<Float64Array[]> {
  const { state } = context
  const { target } = state
  if (target.task !== 'classification') throw new Error('A context for regression has no classes.')
  const answers = variants.map(
    (options) => new ClassAnswer(target, { ...options, balanceProbabilities: false }, table.rowCount),
  )
  const slots = state.members.map((member) => member.slots)
  const { columns } = encode(state.encoder, table)
  await runner.query(model, context, columns, run, (firstRow, outputs) => {
    for (const answer of answers) answer.add(firstRow, outputs, slots)
  })
  return answers.map((answer) => answer.probabilities().probabilities)
}

/**
 * Predictive distributions of numbers.
 *
 * @param variants output settings to answer with, the model running once for all of them
 * @returns for each variant row-major [rows, 255]: sorted quantiles in the target's unit
 */
export async function askQuantiles(
  { runner, model, run }: Asked,
  context: Context,
  table: Table,
  variants: readonly Required<OutputOptions>[],
): Promise<Float64Array[]> {
  const { state } = context
  const { target } = state
  if (target.task !== 'regression') throw new Error('A context for classification has no numbers.')
  const answers = variants.map(() => new Float64Array(table.rowCount * QUANTILES))
  if (state.members.length === 0) {
    for (const answer of answers) answer.fill(target.mean)
    return answers
  }
  const transforms = state.members.map((member) => member.targetTransform)
  const { columns } = encode(state.encoder, table)
  await runner.query(model, context, columns, run, (firstRow, outputs) => {
    for (const [i, settings] of variants.entries())
      answers[i]!.set(mixMembers(target, settings, outputs, transforms), firstRow * QUANTILES)
  })
  return answers
}
