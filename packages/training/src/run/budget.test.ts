import { expect, test } from 'vitest'
import { type Budget, budgetShare, checkBudget, isBudgetSpent, isDecayDue } from './budget.ts'

const SCHEDULE = { warmupSteps: 0, decayShare: 0.25 }

/** Steps of a run that takes so many seconds for each, and the step at which its decay begins. */
function lengthOf(budget: Budget, secondsPerStep: number): { steps: number; decayStart: number | null } {
  let decayStart: number | null = null
  let last = 0
  for (let step = 0; ; step++) {
    const spent = { step, seconds: step * secondsPerStep, decayStart }
    const share = budgetShare(budget, SCHEDULE, spent)
    expect(share).toBeGreaterThanOrEqual(last - 0.2)
    last = share
    if (isBudgetSpent(budget, SCHEDULE, spent)) return { steps: step, decayStart }
    if (decayStart === null && isDecayDue(budget, SCHEDULE, { ...spent, step: step + 1 })) decayStart = step
  }
}

test('steps alone are counted exactly, whatever the clock says', () => {
  for (const steps of [1, 2, 3, 7, 100, 101]) expect(lengthOf({ steps }, 1e6).steps).toBe(steps)
})

test('minutes alone end about then, with the whole decay', () => {
  const { steps, decayStart } = lengthOf({ minutes: 1 }, 0.6)
  expect(decayStart).toBe(75)
  expect(steps).toBe(100)
})

test('of steps and minutes the one that comes first ends the run, with the whole decay', () => {
  const both = { steps: 200, minutes: 1 }
  expect(lengthOf(both, 0.1)).toEqual({ steps: 200, decayStart: 150 })
  expect(lengthOf(both, 0.6)).toEqual({ steps: 100, decayStart: 75 })
  expect(lengthOf({ steps: 101, minutes: 100 }, 0.1).steps).toBe(101)
})

test('nothing goes on beyond the last second', () => {
  expect(lengthOf({ steps: 1_000, maxSeconds: 30 }, 1).steps).toBe(30)
  // The first steps were quick, so the decay is planned for too many.
  const spent = { step: 80, seconds: 61, decayStart: 75 }
  expect(isBudgetSpent({ minutes: 1, maxSeconds: 60 }, SCHEDULE, spent)).toBe(true)
})

test.each([{}, { steps: 0 }, { minutes: -1 }, { steps: 1, maxSeconds: 0 }, { steps: Number.NaN }])(
  'a budget of nothing is refused: %j',
  (budget) => {
    expect(() => checkBudget(budget as Budget)).toThrow('the budget must be more than 0')
  },
)
