/** The part of a fit that needs no model: how columns, target and ensemble members are to be treated. */
import { CLASS_SLOTS } from '@posterior/model'
import {
  type ChannelState,
  type ChannelVariant,
  type Column,
  droppedColumns,
  encode,
  encodeTarget,
  fitChannels,
  fitEncoder,
  fitTarget,
  type NumericColumn,
  type Table,
  TableError,
  type TargetState,
} from '@posterior/tabular'
import type { ContextState, MemberState } from '../context/context-state.ts'
import { type MemberPlan, planEnsemble } from '../ensemble/plan.ts'
import { fitTargetTransform, type TargetTransform } from '../ensemble/target-transform.ts'
import type { ResolvedOptions, Task } from '../job.ts'
import { makeBorders } from '../output/bar-distribution.ts'

/** What the members learn from; the values are those of the training rows. */
export interface LearnedState
  extends Pick<
    ContextState,
    'modelColumnCount' | 'encoder' | 'target' | 'channels' | 'members' | 'borders' | 'warnings'
  > {
  readonly columns: readonly NumericColumn[]
  /** Class of each row, or standardised target. */
  readonly labels: Int32Array | Float64Array
}

/**
 * Learn preprocessing, target and ensemble plan.
 *
 * @throws TableError when features or target cannot be used
 */
export function learnState(
  task: Task,
  data: { x: Table; y: Column },
  options: ResolvedOptions,
  maxClasses: number = CLASS_SLOTS,
): LearnedState {
  if (data.x.rowCount === 0) {
    throw new TableError('no_rows', 'The training table has no rows. Send at least one labelled row.')
  }
  // The target first: it is small, and most mistakes are in it.
  const target = fitTarget(data.y, task, { maxClasses })
  const labels = encodeTarget(target, data.y)
  const encoder = fitEncoder(data.x, {
    ...(options.categoricalColumns ? { categoricalColumns: options.categoricalColumns } : {}),
  })
  const { columns } = encode(encoder, data.x)
  const learned = { modelColumnCount: columns.length, encoder, target, columns, labels }
  const warnings = describeDropped(droppedColumns(encoder))
  if (isConstant(target)) {
    return { ...learned, channels: {}, members: [], borders: [], warnings: [...warnings, CONSTANT_TARGET] }
  }

  const transform = labels instanceof Float64Array ? fitTargetTransform(labels) : null
  const plans = planEnsemble({
    estimators: options.estimators,
    randomState: options.randomState,
    categoryCounts: columns.map(categoryCount),
    classCount: target.task === 'classification' ? target.classes.length : 0,
    isTargetSkewed: transform !== null,
  })
  const channels: Partial<Record<ChannelVariant, ChannelState>> = {}
  for (const { variant } of plans) channels[variant] ??= fitChannels(columns, { variant })
  return {
    ...learned,
    channels,
    members: plans.map((plan) => memberState(plan, columns, transform)),
    borders: target.task === 'regression' ? Array.from(makeBorders(rawTarget(target, labels))) : [],
    warnings,
  }
}

const CONSTANT_TARGET = 'The target never varies; every answer is that constant.'

/** Whether a target never varies, so that there is nothing to learn. */
export function isConstant(target: TargetState): boolean {
  return target.task === 'regression' && !(target.scale > 0)
}

function memberState(
  plan: MemberPlan,
  columns: readonly NumericColumn[],
  transform: TargetTransform | null,
): MemberState {
  const permuted = plan.categoryCodes.flatMap((codes, column) => {
    if (!codes || codes.every((code, i) => code === i)) return []
    const own = fitChannels([columns[column]!], { variant: plan.variant, categoryPermutations: [codes] })
    return [[column, own.columns[0]!] as const]
  })
  return {
    order: plan.order,
    slots: plan.slots,
    variant: plan.variant,
    permuted,
    targetTransform: plan.transformsTarget ? transform : null,
  }
}

/** Number of categories that occur; 0 for a column of numbers. */
function categoryCount({ categorical, values }: NumericColumn): number {
  if (!categorical) return 0
  let most = -1
  for (const code of values) if (code > most) most = code
  return most + 1
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
