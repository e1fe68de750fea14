/**
 * What each step trains on: easy tasks on tiny tables first, then the general prior on growing tables. Without the easy
 * start a small model stays at the class frequencies for a long time.
 */
import type { Task } from '@posterior/model'
import type { BatchSpec } from '@posterior/prior'
import type { Random } from '@posterior/tabular'

export interface CurriculumPhase {
  /** First step after this phase; the last phase has none. */
  readonly untilStep?: number
  readonly stage: BatchSpec['stage']
  /** Least and most rows of a table, labelled and query rows together; drawn log-uniformly. */
  readonly rows: readonly [number, number]
  /** Least and most columns, drawn log-uniformly. */
  readonly columns: readonly [number, number]
  /** Largest rows x columns of one table; a table over it loses rows. */
  readonly maxCells: number
  readonly maxClasses: number
}

export interface BatchPlan {
  readonly phases: readonly CurriculumPhase[]
  /** Micro-batches in a step; each has one shape. */
  readonly microBatches: number
  /** Cells that a micro-batch aims at: more datasets when their tables are small. */
  readonly cellsPerMicroBatch: number
  /** Most datasets in a micro-batch. */
  readonly maxDatasets: number
  /**
   * Most rows that a task of a catalogue prior asks for; default all. One more task teaches more than more questions about
   * the same one.
   */
  readonly maxQueries?: number
  /**
   * Catalogue priors: steps over which tasks grow from the least sizes of the prior to all of them; default 0. Small
   * tasks are easy and cheap, and what they teach of reading a context holds for large ones.
   */
  readonly growSteps?: number
  /** Share of steps that train classification, 0 to 1. */
  readonly classificationShare: number
}

/** Least and most share of a table's rows that are labelled. */
const LABELLED_SHARE = [0.4, 0.85] as const

/** Least and most labelled rows, columns and classes that the tables of a plan have. */
export function rangesOf(plan: BatchPlan): Record<'rows' | 'columns' | 'classes', readonly [number, number]> {
  const range = (pick: (phase: CurriculumPhase) => readonly [number, number]) => {
    const ranges = plan.phases.map(pick)
    return [Math.min(...ranges.map(([least]) => least)), Math.max(...ranges.map(([, most]) => most))] as const
  }
  const [fewest, most] = range(({ rows }) => rows)
  return {
    rows: [Math.round(fewest * LABELLED_SHARE[0]), Math.round(most * LABELLED_SHARE[1])],
    columns: range(({ columns }) => columns),
    classes: [2, range(({ maxClasses }) => [2, maxClasses])[1]],
  }
}

/** The micro-batches of a step, a function of the plan, the step and the generator alone. */
export function planStep(plan: BatchPlan, step: number, random: Random): BatchSpec[] {
  const phase = plan.phases.find(({ untilStep }) => untilStep === undefined || step < untilStep)
  if (!phase)
    throw new RangeError(`no phase of the curriculum covers step ${step}; the last one has no untilStep`)
  const task: Task = random.bool(plan.classificationShare) ? 'classification' : 'regression'
  return Array.from({ length: plan.microBatches }, () => {
    const features = Math.round(random.logUniform(phase.columns[0], phase.columns[1] + 0.49))
    const drawn = Math.round(random.logUniform(phase.rows[0], phase.rows[1]))
    const rows = Math.max(phase.rows[0], Math.min(drawn, Math.floor(phase.maxCells / features)))
    const train = Math.max(8, Math.round(rows * random.uniform(...LABELLED_SHARE)))
    const batch = Math.max(
      1,
      Math.min(plan.maxDatasets, Math.floor(plan.cellsPerMicroBatch / (rows * features))),
    )
    return {
      task,
      batch,
      train,
      test: Math.max(4, rows - train),
      features,
      stage: phase.stage,
      maxClasses: phase.maxClasses,
    }
  })
}
