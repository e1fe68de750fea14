/**
 * Thinking: look for the ensemble settings that predict this table best, and blend them, within a time budget.
 *
 * The work is done in steps that someone else carries out (the engine's processes, or this one): a check, slices that
 * each measure one candidate on one fold, and the finish, which selects and fits. This file decides what to start and
 * when to stop. It never starts a slice that is not expected to end, with the finish after it, within the budget; how
 * long a slice takes is measured, beginning with the first fold of the default settings, which is always measured. If
 * there was no time for anything the fit is the one that would have been made without thinking.
 *
 * Which slices are run depends on measured times only when the budget binds: with enough time every candidate is
 * measured on every fold, and the same table, settings and seed give the same fit.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../errors.ts'
import type { FitJob, FitSummary } from '../job.ts'
import { DEFAULT_ESTIMATORS, MAX_ESTIMATORS } from '../options.ts'
import { checkAborted } from '../predictor/check-aborted.ts'
import { listCandidates, type TableTraits } from './candidates.ts'
import type { MeasuredCandidate } from './choose-blend.ts'
import type { FinishJob } from './finish.ts'
import { FOLDS } from './folds.ts'
import type { FoldJob, FoldResult } from './measure-fold.ts'
import type { CandidateSettings, ThinkingOptions } from './thinking-job.ts'

/** A fit with thinking. */
export type ThinkingFitJob = FitJob & { readonly thinking: ThinkingOptions }

/** What is known of a table before the search. */
export interface CheckResult extends TableTraits {
  /** Candidates that memory allows to compare; 0 when there is nothing to search for. */
  readonly maxCandidates: number
}

/** Who does the work. */
export interface ThinkingSteps {
  /**
   * Everything that can be refused without asking the model.
   *
   * @returns what the candidates depend on
   */
  check(job: ThinkingFitJob): Promise<CheckResult>
  measure(job: FoldJob): Promise<FoldResult>
  finish(job: FinishJob): Promise<FitSummary>
}

export interface ThinkingRun {
  readonly signal?: AbortSignal | undefined
  /** Told after each slice: slices done, and those planned. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  /** Waited for after the check; the time runs from then on. Answers what to call at the end. */
  readonly admit?: () => Promise<() => void>
}

/** Share of the budget that is left unplanned, for what is slower than measured. */
const MARGIN = 0.05
/** A slice is planned with so many times the mean of those before it. */
const ALLOWANCE = 1.25
/** Share of the budget for selecting. */
const SELECTION_SHARE = 0.1
/** A fit on all rows takes at most this many times one on four fifths of them: its cost is at most quadratic. */
export const REFIT_FACTOR = (FOLDS / (FOLDS - 1)) ** 2
/** Candidates that should have their turn before more folds are worth their time. */
const CANDIDATES_BEFORE_FOLDS = 6

/**
 * Carry out a thinking fit.
 *
 * @throws EngineError | TableError as those of a fit; invalid_options for the thinking options; aborted
 */
export async function think(
  job: ThinkingFitJob,
  steps: ThinkingSteps,
  run: ThinkingRun,
): Promise<FitSummary> {
  const table = await steps.check(job)
  const leave = await run.admit?.()
  const start = run.now()
  const scratch = `${job.contextDir}.thinking`
  try {
    await rm(scratch, { recursive: true, force: true })
    await mkdir(scratch, { recursive: true })
    const search = new Search(job, steps, run, { start, scratch, table })
    const measured = await search.run()
    checkAborted(run.signal)
    return await steps.finish({
      fit: job,
      thinking: job.thinking,
      seed: job.options?.randomState ?? 0,
      measured,
      failed: search.failed,
      folds: measured.length > 0 ? search.folds : 0,
      spentSeconds: search.spentSeconds,
    })
  } finally {
    leave?.()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Runs slices until all candidates are measured or time is short. */
class Search {
  readonly #job: ThinkingFitJob
  readonly #steps: ThinkingSteps
  readonly #run: ThinkingRun
  readonly #start: number
  readonly #scratch: string
  readonly #candidates: readonly CandidateSettings[]
  readonly #measured: MeasuredCandidate[] = []
  /** Of each slice so far, per member. */
  readonly #paces: { readonly slice: number; readonly fit: number }[] = []
  /** Folds that every candidate is measured on. */
  folds = FOLDS
  /** Candidates that failed, other than the default. */
  failed = 0

  constructor(
    job: ThinkingFitJob,
    steps: ThinkingSteps,
    run: ThinkingRun,
    { start, scratch, table }: { start: number; scratch: string; table: CheckResult },
  ) {
    this.#job = job
    this.#steps = steps
    this.#run = run
    this.#start = start
    this.#scratch = scratch
    const candidates = listCandidates(table, job.options ?? {}, job.thinking.effort)
    this.#candidates = candidates.slice(0, table.maxCandidates)
  }

  get spentSeconds(): number {
    return (this.#run.now() - this.#start) / 1000
  }

  async run(): Promise<MeasuredCandidate[]> {
    for (const [index, settings] of this.#candidates.entries()) {
      // A cheaper one may come later.
      if (index > 0 && !this.#hasTimeFor(settings, this.folds)) continue
      try {
        const measured = await this.#measure(index, settings)
        if (measured) this.#measured.push(measured)
      } catch (error) {
        // Whatever the default fails with, the fit would; a variation may be too large or go wrong on its own.
        if (index === 0 || isOver(error, this.#run.signal)) throw error
        this.failed++
      }
    }
    return this.#measured
  }

  /** Undefined when time ran short before the last fold. */
  async #measure(index: number, settings: CandidateSettings): Promise<MeasuredCandidate | undefined> {
    const files: string[] = []
    let fitSeconds = 0
    let contextBytes = 0
    for (let fold = 0; fold < this.folds; fold++) {
      checkAborted(this.#run.signal)
      if (fold > 0 && !this.#hasTimeFor(settings, 1)) {
        if (index > 0) return undefined
        // The default with fewer folds is better than nothing to compare with.
        this.folds = fold
        break
      }
      const file = join(this.#scratch, `${index}-${fold}.f32`)
      const fit = this.#job
      const seed = this.#job.options?.randomState ?? 0
      const result = await this.#steps.measure({ fit, settings, fold, seed, file })
      files.push(file)
      fitSeconds = Math.max(fitSeconds, result.fitSeconds)
      contextBytes = Math.max(contextBytes, result.contextBytes)
      this.#learnTimes(settings, result)
      if (index === 0 && fold === 0) this.folds = this.#affordableFolds()
      this.#run.onProgress?.(this.#paces.length, this.folds * this.#candidates.length)
    }
    return { settings, files, fitSeconds, contextBytes }
  }

  #learnTimes(settings: CandidateSettings, { seconds, fitSeconds }: FoldResult): void {
    const members = membersOf(settings)
    this.#paces.push({ slice: seconds / members, fit: fitSeconds / members })
  }

  /** Seconds per member to plan with: the first slice also loads the model, the others vary. */
  #pace(what: 'slice' | 'fit'): number {
    const [first, ...others] = this.#paces.map((pace) => pace[what])
    if (others.length === 0) return first ?? 0
    return (ALLOWANCE * others.reduce((sum, seconds) => sum + seconds, 0)) / others.length
  }

  /** Fewer folds leave time for more candidates. */
  #affordableFolds(): number {
    const slice = this.#pace('slice') * membersOf(this.#candidates[0]!)
    const slices = (this.#plannedSeconds - this.spentSeconds - this.#reserve(0)) / slice
    return Math.max(1, Math.min(FOLDS, Math.floor(slices / CANDIDATES_BEFORE_FOLDS)))
  }

  #hasTimeFor(settings: CandidateSettings, slices: number): boolean {
    const members = membersOf(settings)
    const needed = slices * this.#pace('slice') * members
    return this.spentSeconds + needed + this.#reserve(members) <= this.#plannedSeconds
  }

  get #plannedSeconds(): number {
    return this.#job.thinking.seconds * (1 - MARGIN)
  }

  /** Seconds for selecting, and for the largest blend that may be chosen. */
  #reserve(moreMembers: number): number {
    const seen = this.#measured.reduce((sum, { settings }) => sum + membersOf(settings), moreMembers)
    const members = Math.min(MAX_ESTIMATORS, Math.max(seen, membersOf(this.#candidates[0]!)))
    return selectionSeconds(this.#job.thinking) + REFIT_FACTOR * this.#pace('fit') * members
  }
}

/** Ensemble members of a candidate. */
export function membersOf({ estimators = DEFAULT_ESTIMATORS }: CandidateSettings): number {
  return estimators
}

/** How long selecting may take. */
export function selectionSeconds({ seconds }: ThinkingOptions): number {
  return SELECTION_SHARE * seconds
}

function isOver(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true || (error instanceof EngineError && ENDING.has(error.code))
}

const ENDING: ReadonlySet<string> = new Set(['aborted', 'engine_closed', 'engine_unavailable', 'engine_busy'])
