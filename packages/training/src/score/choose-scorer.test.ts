import { expect, test } from 'vitest'
import { chooseScorer, type EvalPlan, isHeldOut } from './choose-scorer.ts'

const PLAN: EvalPlan = {
  ...{ slug: 'mine', task: 'custom', dataset: {}, metrics: [], baselines: [], hasCode: false },
}
const nameOf = (plan: Partial<EvalPlan>) => {
  const choice = chooseScorer({ ...PLAN, ...plan })
  return 'name' in choice ? choice.name : choice.skipReason
}

test.each<[Partial<EvalPlan>, string]>([
  [{ slug: 'in-context-regression-ols', task: 'classification' }, 'in_context_regression_ols'],
  [{ slug: 'Held_Out' }, 'held_out'],
  [{ dataset: { name: 'breast_cancer' } }, 'breast_cancer_vs_logreg'],
  [{ task: 'regression', dataset: { name: 'my-lines', kind: 'synthetic' } }, 'synthetic_regression_mse'],
  [{ task: 'classification' }, 'synthetic_classification_bce'],
  [{ task: 'time_series', dataset: { name: 'ar2-process' } }, 'forecast'],
])('an eval is measured by its slug, else by its table, else by its task: %j', (plan, name) => {
  expect(nameOf(plan)).toBe(name)
})

test.each<[Partial<EvalPlan>, string]>([
  [{}, 'No scorer has the slug "mine"'],
  [{ slug: 'm4_monthly_mse', task: 'forecast' }, 'The M4 series do not come'],
  [{ task: 'regression', dataset: { name: 'boston' } }, 'no dataset "boston"'],
  [{ task: 'regression', hasCode: true }, 'code of its own'],
  [{ slug: 'constructor' }, 'No scorer has the slug "constructor"'],
])('an eval that nothing fits is not measured, and says so: %j', (plan, reason) => {
  expect(nameOf(plan)).toContain(reason)
})

test('the spelling of held_out does not matter', () => {
  expect([{ slug: 'held-out' }, { slug: 'HELD_OUT' }, { slug: 'held' }].map(isHeldOut)).toEqual([
    true,
    true,
    false,
  ])
})
