/** A model that has read labelled rows of plain numbers, ready to be asked; it lives in memory for one job. */
import { CLASS_SLOTS, limitsOf, type ModelManifest } from '@posterior/model'
import {
  encodeTarget,
  fitChannels,
  fitRidgeColumns,
  fitTarget,
  type NumericColumn,
  ridgeBytes,
  ridgeColumnCount,
  TableError,
  type TargetState,
} from '@posterior/tabular'
import type { EnsembleContext, EnsembleState, MemberState } from '../context/context-state.ts'
import { planEnsemble } from '../ensemble/plan.ts'
import type { ResolvedOptions, Task } from '../job.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import type { ModelRunner, RunOptions } from '../predictor/model-runner.ts'
import { checkModelLimits, checkWidth, describeTrainedRange } from '../predictor/trained-range.ts'
import { checkMemory } from '../predictor/work-size.ts'
import type { NumberRows } from './answer-job.ts'

export interface LearnRows {
  readonly model: ModelInfo
  readonly task: Task
  readonly x: NumberRows
  readonly y: Float64Array
  readonly options: ResolvedOptions
  /** Bytes that it may take. */
  readonly maxBytes: number
}

export interface LearnedRows {
  readonly target: TargetState
  /** Without members when the target never varies: then there is nothing to ask the model. */
  readonly context: EnsembleContext
  readonly warnings: readonly string[]
}

const CONSTANT_TARGET =
  'The target never varies in the context; every answer is that constant, and its interval says nothing.'

/**
 * Let the model read labelled rows. Every column stays, also one that never varies, so that the model sees as many as
 * were sent.
 *
 * @throws TableError when rows or target cannot be used
 * @throws EngineError beyond_model_limits, too_large_for_memory, model_corrupt, non_finite_output, aborted
 */
export async function learnRows(
  runner: ModelRunner,
  { model, task, x, y, options, maxBytes }: LearnRows,
  run: RunOptions,
): Promise<LearnedRows> {
  if (y.length !== x.rows) {
    throw new TableError('row_count_mismatch', `The context has ${x.rows} rows and ${y.length} targets.`)
  }
  const values = { kind: 'number', values: y, integer: task === 'classification' } as const
  const { manifest } = model
  const target = fitTarget({ ...values, name: targetName(task) }, task, {
    maxClasses: CLASS_SLOTS,
    moreClasses: manifest.inputs ? unseenClasses(y, manifest.trainedRange.classes[0]) : [],
  })
  const labels = encodeTarget(target, { ...values, name: targetName(task) })
  const own = columnsOf(x, 'context.x')
  const isConstant = target.task === 'regression' && !(target.scale > 0)
  const classCount = target.task === 'classification' ? target.classes.length : 0
  const shape = { rows: x.rows, columns: x.columns, classes: classCount }
  checkWidth(manifest.architecture, x.columns)
  const warnings = [
    ...checkModelLimits(limitsOf(manifest), shape, options.ignoreTrainedRange),
    ...describeTrainedRange(manifest.trainedRange, shape),
    ...(isConstant ? [CONSTANT_TARGET] : []),
  ]
  const mostRidge = manifest.ridgeColumns && !isConstant ? ridgeColumnCount(classCount, x.rows) : 0
  const size = { rows: x.rows, columns: x.columns + mostRidge, preparation: null }
  const sizes = isConstant ? [] : new Array<typeof size>(options.estimators).fill(size)
  const bytes = mostRidge === 0 ? 0 : ridgeBytes(own, x.rows)
  checkMemory(manifest.architecture, sizes, maxBytes, bytes)
  const answered = labels instanceof Int32Array ? { classes: labels, classCount } : { numbers: labels }
  const ridge = mostRidge === 0 ? null : fitRidgeColumns(own, answered, options.randomState)
  const columns = [...own, ...(ridge?.columns ?? [])]
  const members = isConstant ? [] : planMembers(options, manifest, { ...shape, columns: columns.length })
  const variants = [...new Set(members.map((member) => member.variant))]
  const channels = Object.fromEntries(
    variants.map((variant) => [variant, fitChannels(columns, { variant })] as const),
  )
  const state: EnsembleState = { task, members, channels, options, ...(ridge && { ridge: ridge.state }) }
  const memberRows = members.map(() => null)
  const tensors = await runner.encode(model, state, { columns, labels, memberRows }, run)
  return { target, context: { state, tensors }, warnings }
}

/**
 * Classes that a brain of a prior may answer with beside the one of a context that has one alone: five heads are a context of a
 * coin as good as any. They are the smallest whole numbers, as many as the prior has at least. None where the context has
 * several classes, which are then all that there are.
 *
 * @param least  classes of the tasks that the brain has learned, at least
 */
export function unseenClasses(y: Float64Array, least: number): number[] {
  const known = new Set(y)
  if (known.size !== 1) return []
  const unseen: number[] = []
  for (let label = 0; known.size < Math.max(2, least); label++) {
    if (known.has(label)) continue
    known.add(label)
    unseen.push(label)
  }
  return unseen
}

/** Columns of rows, for the model. */
export function columnsOf({ rows, columns, values }: NumberRows, name: string): NumericColumn[] {
  if (values.length !== rows * columns) {
    throw new RangeError(`${name} has ${values.length} numbers for ${rows} rows of ${columns}`)
  }
  if (columns === 0) throw new TableError('no_columns', `${name} has rows without cells. Send at least one.`)
  return Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(rows)
    for (let i = 0; i < rows; i++) column[i] = values[i * columns + j]!
    return { name: `${name}[${j}]`, values: column, categorical: false }
  })
}

/**
 * Members differ in the order of columns, the slots of classes and the scaling, and never in the target's scale. A model
 * of a studio's prior has seen one scaling only, so they do not differ in that.
 */
export function planMembers(
  options: ResolvedOptions,
  { inputs, classSlots }: Pick<ModelManifest, 'inputs' | 'classSlots'>,
  { columns, classes }: { columns: number; classes: number },
): MemberState[] {
  const plans = planEnsemble({
    estimators: options.estimators,
    randomState: options.randomState,
    categoryCounts: new Array<number>(columns).fill(0),
    classCount: classes,
    classSlots,
    isTargetSkewed: false,
  })
  return plans.map(({ order, slots, variant }) => ({
    order,
    slots,
    variant: inputs ? 'standard' : variant,
    permuted: [],
    targetTransform: null,
  }))
}

function targetName(task: Task): string {
  return task === 'classification' ? 'context.labels' : 'context.y'
}
