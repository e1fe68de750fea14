/** From labelled rows to a context in memory: the whole of a fit but reading and saving. */
import { CLASS_SLOTS, limitsOf } from '@posterior/model'
import type { Column, Table } from '@posterior/tabular'
import type { Context, ContextState } from '../context/context-state.ts'
import type { ResolvedOptions, Task } from '../job.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { learnState } from './learn-state.ts'
import type { LabelledRows, ModelRunner, RunOptions } from './model-runner.ts'
import type { Stopwatch } from './stopwatch.ts'
import { checkModelLimits, checkWidth, describeTrainedRange } from './trained-range.ts'
import { checkMemory } from './work-size.ts'

export interface LearnInput {
  readonly task: Task
  readonly model: ModelInfo
  readonly data: { readonly x: Table; readonly y: Column }
  readonly options: ResolvedOptions
  readonly maxClasses: number
  /** Bytes that the fit may take. */
  readonly maxFitBytes: number
}

/** A context without what the model takes from the rows, and the rows as the model is to see them. */
export interface PlannedContext extends LabelledRows {
  readonly state: ContextState
}

/**
 * Learn preprocessing, target and plan, and check sizes; no model runs.
 *
 * @throws TableError when features or target cannot be used
 * @throws EngineError invalid_options, beyond_model_limits, too_large_for_memory
 */
export function planContext(input: LearnInput): PlannedContext {
  const { task, model, data, options } = input
  const { architecture, trainedRange, classSlots, ridgeColumns } = model.manifest
  const settings = options.ensemble ?? {}
  const modelLimits = { ...limitsOf(model.manifest), ...settings.limits }
  const learned = learnState(task, data, options, {
    maxClasses: Math.min(input.maxClasses, CLASS_SLOTS),
    classSlots,
    ridgeColumns: ridgeColumns !== undefined,
    admit: ({ members, ridgeBytes, ...shape }) => {
      for (const member of members) checkWidth(architecture, member.columns)
      const warnings = [
        ...checkModelLimits(modelLimits, shape, options.ignoreTrainedRange),
        ...describeTrainedRange(trainedRange, shape),
      ]
      checkMemory(architecture, members, input.maxFitBytes, ridgeBytes)
      return warnings
    },
  })
  const { columns, labels, memberRows, ...rest } = learned
  const state: ContextState = {
    ...rest,
    task,
    model: { id: model.id, checksum: model.checksum },
    rowCount: data.x.rowCount,
    columnCount: data.x.columns.length,
    options,
  }
  return { state, columns, labels, memberRows }
}

/**
 * Plan a context and let the model read the rows.
 *
 * @throws EngineError | TableError as their codes say
 */
export async function learnContext(
  runner: ModelRunner,
  input: LearnInput,
  run: RunOptions,
  watch?: Stopwatch,
): Promise<Context> {
  const { state, ...rows } = planContext(input)
  watch?.lap('preprocess')
  const tensors = await runner.encode(input.model, state, rows, run)
  watch?.lap('model')
  return { state, tensors }
}
