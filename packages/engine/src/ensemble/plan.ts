/**
 * In what the members of an ensemble differ: the order of the columns and the random vectors that tell them apart (the
 * model is not symmetric in them), the slots that the classes take, the codes of categories, the preprocessing of
 * numbers (alternating), and the scale of a skewed regression target (half of the members). Everything follows from
 * the seed; member k is the same however many members there are.
 */
import { CLASS_SLOTS, COLUMN_ID_DIM } from '@posterior/model'
import { type ChannelVariant, Random } from '@posterior/tabular'
import type { MemberOrder } from './settings.ts'

/** Plain JSON. */
export interface MemberPlan {
  /** Column j of the member is encoded column order[j]. */
  readonly order: readonly number[]
  /** Slot of each class; empty for regression. */
  readonly slots: readonly number[]
  readonly variant: ChannelVariant
  /** By encoded column: new code of each category, or null for a column that is not categorical. */
  readonly categoryCodes: readonly (readonly number[] | null)[]
  readonly transformsTarget: boolean
}

export interface PlanInput {
  readonly estimators: number
  readonly randomState: number
  /** Categories of each encoded column; 0 = not categorical. */
  readonly categoryCounts: readonly number[]
  /** 0 for regression. */
  readonly classCount: number
  /**
   * Of a model that has learned few: the first so many, or as many as there are classes, are dealt in a random order that
   * is turned by one from member to member, so that few members see each class in several. Default: drawn from all.
   */
  readonly classSlots?: number | undefined
  readonly isTargetSkewed: boolean
  /** Default: member 0 keeps the columns as they came, the others shuffle them. */
  readonly columnOrder?: MemberOrder | undefined
  /** Default: random slots. */
  readonly classOrder?: MemberOrder | undefined
  /** Codes of categories: 'vary' (default) in all members but the first, 'shuffle' in all, 'keep' in none. */
  readonly categoryOrder?: 'vary' | 'shuffle' | 'keep' | undefined
}

/** One plan per member. Member 0 keeps the columns and categories as they came. */
export function planEnsemble(input: PlanInput): MemberPlan[] {
  return Array.from({ length: input.estimators }, (_, member) => planMember(input, member))
}

/** The plan of one member. */
export function planMember(input: Omit<PlanInput, 'estimators'>, member: number): MemberPlan {
  const { categoryCounts, categoryOrder = 'vary' } = input
  const random = (purpose: string) => Random.fromSeed(input.randomState, 'member', member, purpose)
  const codes = random('categories')
  const keepsCodes = categoryOrder === 'keep' || (categoryOrder === 'vary' && member === 0)
  return {
    order: orderOf(input, member, random('columns')),
    slots: slotsOf(input, member, random('slots')),
    variant: member % 2 === 0 ? 'standard' : 'quantile',
    categoryCodes: categoryCounts.map((count) => {
      if (count === 0) return null
      return keepsCodes ? indices(count) : Array.from(codes.permutation(count))
    }),
    // Both preprocessings occur with and without it.
    transformsTarget: input.isTargetSkewed && (member % 4 === 1 || member % 4 === 2),
  }
}

function orderOf(input: Omit<PlanInput, 'estimators'>, member: number, random: Random): number[] {
  const columns = input.categoryCounts.length
  if (input.columnOrder === 'keep') return indices(columns)
  if (input.columnOrder === 'rotate') return rotated(columns, -member)
  return member === 0 ? indices(columns) : Array.from(random.permutation(columns))
}

function slotsOf(input: Omit<PlanInput, 'estimators'>, member: number, random: Random): number[] {
  const { classCount, classOrder, classSlots, randomState } = input
  if (classOrder === 'keep') return indices(classCount)
  if (classOrder === 'rotate') return rotated(classCount, member)
  if (classSlots === undefined) return Array.from(random.permutation(CLASS_SLOTS).slice(0, classCount))
  const few = Random.fromSeed(randomState, 'slots').permutation(Math.max(classSlots, classCount))
  return indices(classCount).map((c) => few[(c + member) % few.length]!)
}

/** The numbers 0..count-1 turned in a ring: entry j is (j + by) modulo count. */
function rotated(count: number, by: number): number[] {
  return indices(count).map((j) => (((j + by) % count) + count) % count)
}

/**
 * The vectors that tell columns apart, one for each place in a member's order.
 *
 * @param members  numbers of the members
 * @returns [members, columns, 16], standard normal
 */
export function columnIdentities(
  randomState: number,
  members: readonly number[],
  columns: number,
): Float32Array {
  const out = new Float32Array(members.length * columns * COLUMN_ID_DIM)
  for (const [k, member] of members.entries()) {
    for (let j = 0; j < columns; j++) {
      const start = (k * columns + j) * COLUMN_ID_DIM
      Random.fromSeed(randomState, 'member', member, 'column', j).fillNormal(
        out.subarray(start, start + COLUMN_ID_DIM),
      )
    }
  }
  return out
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}
