/** The part of a fit that needs no model: how columns, target and ensemble members are to be treated. */
import { CLASS_SLOTS } from '@posterior/model'
import {
  type Column,
  droppedColumns,
  encode,
  encodeTarget,
  fitEncoder,
  fitTarget,
  type NumericColumn,
  Random,
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
    | 'borders'
    | 'warnings'
  > {
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
  /**
   * Told what the members would see before memory is taken for it, none for a target that never varies. It throws to
   * refuse; what it returns are warnings, which come first.
   */
  readonly admit?: (shape: { members: readonly MemberShape[] } & TableShape) => readonly string[]
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
  { maxClasses = CLASS_SLOTS, classSlots, admit = () => [] }: LearnOptions = {},
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
  const { columns } = encode(encoder, data.x)
  const classes = target.task === 'classification' ? target.classes.length : 0
  const learned = { encoder, target, columns, labels }
  const dropped = describeDropped(droppedColumns(encoder))
  if (isConstant(target)) {
    const modelColumnCount = columns.length
    const warnings = [
      ...admit({ rows, columns: modelColumnCount, classes, members: [] }),
      ...dropped,
      CONSTANT_TARGET,
    ]
    return { ...learned, modelColumnCount, channels: {}, members: [], memberRows: [], borders: [], warnings }
  }

  const transforms = learnTargetTransforms(labels, options, settings)
  const planner = new MemberPlanner(
    {
      settings,
      estimators: options.estimators,
      randomState: options.randomState,
      classCount: classes,
      classSlots,
      isTargetSkewed: transforms.automatic !== null,
      columnOrder: settings.columnOrder,
      classOrder: settings.classOrder,
    },
    { columns, labels },
  )
  const { shapes } = planner
  const modelColumnCount = Math.max(...shapes.map((shape) => shape.columns))
  const mostRows = Math.max(...shapes.map((shape) => shape.rows))
  const warnings = [
    ...admit({ rows: mostRows, columns: modelColumnCount, classes, members: shapes }),
    ...dropped,
  ]
  const { plans, members, channels, preparations, rows: memberRows } = planner.prepare()
  const groups = groupByShape(members, memberRows, rows)
  return {
    ...learned,
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
    memberRows,
    borders: target.task === 'regression' ? Array.from(makeBorders(rawTarget(target, labels))) : [],
    warnings,
  }
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
