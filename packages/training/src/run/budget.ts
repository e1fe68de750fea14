/**
 * How long a run trains, and when the learning rate begins to fall. A number of steps is the same on every machine. With
 * minutes the decay begins when their share of the time has passed, wherever the run is then; that step is stored with the
 * run, so that a resumed run keeps it. With both, whichever comes first.
 */
import { decaySteps, type Schedule } from '../optimizer/schedule.ts'

interface Amounts {
  readonly steps: number
  /** Of wall time, measuring not counted. */
  readonly minutes: number
}

export type Budget = (Pick<Amounts, 'steps'> | Pick<Amounts, 'minutes'>) &
  Partial<Amounts> & {
    /** Seconds after which the run ends, wherever the learning rate is. */
    readonly maxSeconds?: number
  }

/** Where a run stands, as far as its budget goes. */
export interface Spent {
  readonly step: number
  readonly seconds: number
  /** Last step before the decay; null before it. */
  readonly decayStart: number | null
}

/** @throws RangeError for an amount that is not more than 0 */
export function checkBudget(budget: Budget): void {
  const given = [budget.steps, budget.minutes].filter((amount) => amount !== undefined)
  const amounts = budget.maxSeconds === undefined ? given : [...given, budget.maxSeconds]
  const wrong = given.length === 0 ? 'nothing' : amounts.find((amount) => !(amount > 0))
  if (wrong !== undefined) throw new RangeError(`the budget must be more than 0, it is ${wrong}`)
}

/** Whether the decay begins after `step`. */
export function isDecayDue(budget: Budget, { decayShare }: Schedule, { step, seconds }: Spent): boolean {
  const stable = 1 - decayShare
  if (budget.steps !== undefined && step > Math.round(budget.steps * stable)) return true
  return budget.minutes !== undefined && seconds / 60 >= budget.minutes * stable
}

export function isBudgetSpent(budget: Budget, schedule: Schedule, spent: Spent): boolean {
  const { steps, maxSeconds } = budget
  if (steps !== undefined && spent.step >= steps) return true
  if (maxSeconds !== undefined && spent.seconds >= maxSeconds) return true
  const end = timedEnd(budget, schedule, spent)
  return end !== null && spent.step >= end
}

/** Share that is used up, 0 to 1. */
export function budgetShare(budget: Budget, schedule: Schedule, spent: Spent): number {
  const { steps, minutes, maxSeconds } = budget
  const end = timedEnd(budget, schedule, spent)
  const shares = [
    steps === undefined ? 0 : spent.step / steps,
    maxSeconds === undefined ? 0 : spent.seconds / maxSeconds,
    end === null ? (minutes === undefined ? 0 : spent.seconds / 60 / minutes) : spent.step / end,
  ]
  return Math.min(1, Math.max(...shares))
}

/** The last step of a decay that minutes began; null when they have not, or steps began it. */
function timedEnd({ steps, minutes }: Budget, schedule: Schedule, { decayStart }: Spent): number | null {
  if (minutes === undefined || decayStart === null) return null
  if (steps !== undefined && decayStart >= Math.round(steps * (1 - schedule.decayShare))) return null
  return decayStart + decaySteps(schedule, decayStart)
}
