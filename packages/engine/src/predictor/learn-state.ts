/** The part of a fit that needs no model: how columns, target and ensemble members are to be treated. */
import { CLASS_SLOTS } from '@posterior/model'
import {
  type Column,
  droppedColumns,
  encode,
  encodeTarget,
  fitEncoder,
  fitRidgeColumns,
  fitTarget,
  type NumericColumn,
  Random,
  type RidgeColumnsFit,
  ridgeBytes,
  ridgeColumnCount,
  type Table,
  TableError,
  type TargetState,
} from '@posterior/tabular'
import type { ContextState } from '../context/context-state.ts'
import { MemberPlanner, type MemberShape } from '../ensemble/prepare-members.ts'
import type { EnsembleSettings } from '../ensemble/settings.ts'
import { fitTargetScaling, fitTargetTransform, type TargetTransform } from '../ensemble/target-transform.ts'
import type { ResolvedOptions, Task } from '../job.ts'
import { makeBorders } from '../output/bar-distribution.ts'
import type { TableShape } from './trained-range.ts'

/** What the members learn from; the values are those of the training rows. */
export interface LearnedState
  extends Pick<
    ContextState,
    | 'modelColumnCount'
    | 'encoder'
    | 'target'
    | 'channels'
    | 'members'
    | 'preparations'
    | 'groups'
    | 'ridge'
    | 'borders'
    | 'warnings'
  > {
  /** Encoded, and the ridge columns. */
  readonly columns: readonly NumericColumn[]
  /** Class of each row, or standardised target. */
  readonly labels: Int32Array | Float64Array
  /** Training rows of each member; null = all. */
  readonly memberRows: readonly (Int32Array | null)[]
}

export interface LearnOptions {
  readonly maxClasses?: number
  /** Those that the model has learned to tell apart; default all. */
  readonly classSlots?: number | undefined
  /** Whether it was trained with ridge columns, so that tables get them when the settings say nothing of it. */
  readonly ridgeColumns?: boolean | undefined
  /**
   * Told what the members would see before memory is taken for it, none for a target that never varies. It throws to
   * refuse; what it returns are warnings, which come first.
   */
  readonly admit?: (plan: AdmitPlan) => readonly string[]
}

/** What a fit is about to take; its shape is without ridge columns. */
export interface AdmitPlan extends TableShape {
  readonly members: readonly MemberShape[]
  /** Bytes that learning the ridge columns takes. */
  readonly ridgeBytes: number
}

/**
 * Learn preprocessing, target and ensemble plan.
 *
 * @throws TableError when features or target cannot be used; EngineError invalid_options; whatever `admit` throws
 */
export function learnState(
  task: Task,
  data: { x: Table; y: Column },
  options: ResolvedOptions,
  { maxClasses = CLASS_SLOTS, classSlots, ridgeColumns = false, admit = () => [] }: LearnOptions = {},
): LearnedState {
  const rows = data.x.rowCount
  if (rows === 0) {
    throw new TableError('no_rows', 'The training table has no rows. Send at least one labelled row.')
  }
  const settings = options.ensemble ?? {}
  // The target first: it is small, and most mistakes are in it.
  const target = fitTarget(data.y, task, { maxClasses })
  const labels = encodeTarget(target, data.y)
  const encoder = fitEncoder(data.x, encoderOptions(options, settings))
  const { columns: encoded } = encode(encoder, data.x)
  const classes = target.task === 'classification' ? target.classes.length : 0
  const learned = { encoder, target, labels }
  const dropped = describeDropped(droppedColumns(encoder))
  if (isConstant(target)) {
    const modelColumnCount = encoded.length
    const warnings = [
      ...admit({ rows, columns: modelColumnCount, classes, members: [], ridgeBytes: 0 }),
      ...dropped,
      CONSTANT_TARGET,
    ]
    const nothing = { channels: {}, members: [], memberRows: [], borders: [] }
    return { ...learned, ...nothing, columns: encoded, modelColumnCount, warnings }
  }

  const transforms = learnTargetTransforms(labels, options, settings)
  const plan = {
    settings,
    estimators: options.estimators,
    randomState: options.randomState,
    classCount: classes,
    classSlots,
    isTargetSkewed: transforms.automatic !== null,
    columnOrder: settings.columnOrder,
    classOrder: settings.classOrder,
  }
  // Sizes first, as if every ridge column were of use.
  const mostRidge = (settings.ridgeColumns ?? ridgeColumns) ? ridgeColumnCount(classes, rows) : 0
  const places = Array.from({ length: mostRidge }, () => EMPTY_COLUMN)
  const { shapes } = new MemberPlanner(plan, { columns: encoded, ridge: places, labels })
  const widest = Math.max(...shapes.map((shape) => shape.columns))
  const mostRows = Math.max(...shapes.map((shape) => shape.rows))
  const warnings = [
    ...admit({
      rows: mostRows,
      columns: widest - mostRidge,
      classes,
      members: shapes,
      ridgeBytes: mostRidge === 0 ? 0 : ridgeBytes(encoded, rows),
    }),
    ...dropped,
  ]
  const ridge = mostRidge === 0 ? null : learnRidge(encoded, labels, classes, options)
  const planner = new MemberPlanner(plan, { columns: encoded, ridge: ridge?.columns ?? [], labels })
  const { plans, members, channels, preparations, rows: memberRows } = planner.prepare()
  const groups = groupByShape(members, memberRows, rows)
  return {
    ...learned,
    columns: [...encoded, ...(ridge?.columns ?? [])],
    modelColumnCount: Math.max(...members.map(({ order }) => order.length)),
    channels,
    members: members.map((member, k) => ({
      ...member,
      targetTransform: transforms.named
        ? transforms.named[k % transforms.named.length]!
        : plans[k]!.transformsTarget
          ? transforms.automatic
          : null,
    })),
    ...(preparations.length > 0 && { preparations }),
    ...(groups.length > 1 && { groups }),
    ...(ridge && { ridge: ridge.state }),
    memberRows,
    borders: target.task === 'regression' ? Array.from(makeBorders(rawTarget(target, labels))) : [],
    warnings,
  }
}

const EMPTY_COLUMN: NumericColumn = { name: 'ridge', values: new Float64Array(), categorical: false }

function learnRidge(
  columns: readonly NumericColumn[],
  labels: Int32Array | Float64Array,
  classCount: number,
  { randomState }: ResolvedOptions,
): RidgeColumnsFit | null {
  const target = labels instanceof Int32Array ? { classes: labels, classCount } : { numbers: labels }
  return fitRidgeColumns(columns, target, randomState)
}

function encoderOptions({ categoricalColumns }: ResolvedOptions, settings: EnsembleSettings) {
  const { maxCategories, minNumericDistinct, minRowsForCategoricalRule } = settings
  return {
    ...(categoricalColumns && { categoricalColumns }),
    ...(maxCategories !== undefined && { maxCategories }),
    ...(minNumericDistinct !== undefined && { minNumericDistinct }),
    ...(minRowsForCategoricalRule !== undefined && { minRowsForCategoricalRule }),
  }
}

/** Transforms of a regression target: those asked for by name, one per entry, or the one that a skewed target gets. */
function learnTargetTransforms(
  labels: Int32Array | Float64Array,
  { randomState }: ResolvedOptions,
  { targetScalings }: EnsembleSettings,
): { automatic: TargetTransform | null; named: readonly (TargetTransform | null)[] | null } {
  if (!(labels instanceof Float64Array)) return { automatic: null, named: null }
  if (!targetScalings) return { automatic: fitTargetTransform(labels), named: null }
  const named = targetScalings.map((name, i) =>
    fitTargetScaling(name, labels, Random.fromSeed(randomState, 'target scaling', i)),
  )
  return { automatic: null, named }
}

/** Members whose tables have as many rows and columns, together. */
function groupByShape(
  members: readonly { order: readonly number[] }[],
  memberRows: readonly (Int32Array | null)[],
  rows: number,
): number[][] {
  const groups = new Map<string, number[]>()
  members.forEach(({ order }, k) => {
    const key = `${memberRows[k]?.length ?? rows} ${order.length}`
    const group = groups.get(key)
    if (group) group.push(k)
    else groups.set(key, [k])
  })
  return [...groups.values()]
}

const CONSTANT_TARGET = 'The target never varies; every answer is that constant.'

/** Whether a target never varies, so that there is nothing to learn. */
export function isConstant(target: TargetState): boolean {
  return target.task === 'regression' && !(target.scale > 0)
}

function rawTarget(target: TargetState, labels: Int32Array | Float64Array): Float64Array {
  if (target.task !== 'regression') throw new Error('Only a regression target has a scale.')
  const { mean, scale } = target
  return Float64Array.from(labels, (y) => mean + scale * y)
}

function describeDropped(names: readonly string[]): string[] {
  if (names.length === 0) return []
  const shown = names
    .slice(0, 5)
    .map((name) => `'${name}'`)
    .join(', ')
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return [`Columns that never vary were left out: ${shown}${more}.`]
}
