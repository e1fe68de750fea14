/**
 * In what the members of an ensemble differ: the order of the columns and the random vectors that tell them apart (the
 * model is not symmetric in them), the slots that the classes take, the codes of categories, the preprocessing of
 * numbers (alternating), and the scale of a skewed regression target (half of the members). Everything follows from
 * the seed; member k is the same however many members there are.
 */
import { CLASS_SLOTS, COLUMN_ID_DIM } from '@posterior/model'
import { type ChannelVariant, Random } from '@posterior/tabular'

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
  readonly isTargetSkewed: boolean
}

/** One plan per member. Member 0 keeps the columns and categories as they came. */
export function planEnsemble(input: PlanInput): MemberPlan[] {
  return Array.from({ length: input.estimators }, (_, member) => planMember(input, member))
}

function planMember(input: PlanInput, member: number): MemberPlan {
  const { categoryCounts, classCount } = input
  const random = (purpose: string) => Random.fromSeed(input.randomState, 'member', member, purpose)
  const columns = categoryCounts.length
  const codes = random('categories')
  return {
    order: member === 0 ? indices(columns) : Array.from(random('columns').permutation(columns)),
    slots: Array.from(random('slots').permutation(CLASS_SLOTS).slice(0, classCount)),
    variant: member % 2 === 0 ? 'standard' : 'quantile',
    categoryCodes: categoryCounts.map((count) => {
      if (count === 0) return null
      return member === 0 ? indices(count) : Array.from(codes.permutation(count))
    }),
    // Both preprocessings occur with and without it.
    transformsTarget: input.isTargetSkewed && (member % 4 === 1 || member % 4 === 2),
  }
}

/**
 * The vectors that tell columns apart, one for each place in a member's order.
 *
 * @returns [estimators, columns, 16], standard normal
 */
export function columnIdentities(randomState: number, estimators: number, columns: number): Float32Array {
  const out = new Float32Array(estimators * columns * COLUMN_ID_DIM)
  for (let member = 0; member < estimators; member++) {
    for (let j = 0; j < columns; j++) {
      const start = (member * columns + j) * COLUMN_ID_DIM
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
