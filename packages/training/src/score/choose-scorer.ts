/**
 * Which scorer an eval is measured by: the dataset that the project has, else the one of its slug, as in
 * the studio, else that of its table or its task. An eval
 * that none fits is not scored, and says so.
 */
import { datasetReference } from '@posterior/contracts'
import { findPrior } from '@posterior/prior'
import { calibration } from './calibration-scorer.ts'
import { classificationLoss } from './classification-scorer.ts'
import { forecast } from './forecast-scorer.ts'
import { graphRecovery } from './graph-scorer.ts'
import { heldOutScorer } from './held-out-scorer.ts'
import { closedForm, regressionMse, regressionOls } from './regression-scorers.ts'
import type { Scorer } from './score.ts'
import type { StoredTable } from './stored-table.ts'
import { storedTableScorer } from './stored-table-scorer.ts'
import { TABLES, type TableName, tableScorer } from './table-scorer.ts'

/** An eval as far as measuring goes: JSON, kept with its run. */
export interface EvalPlan {
  readonly slug: string
  readonly task: string
  readonly dataset: Readonly<Record<string, unknown>>
  /** Names of the metrics that are wanted; what is measured beside them is told as well. */
  readonly metrics: readonly string[]
  /** Scores that the eval states, with their sources; passed on as they are. */
  readonly baselines: readonly Readonly<Record<string, unknown>>[]
  /** Whether it brings code of its own, which is not run. */
  readonly hasCode: boolean
  /** The dataset of the project that it is about. Absent for none, and in plans of versions that had none. */
  readonly table?: StoredTable
}

export type Choice = { readonly name: string; readonly scorer: Scorer } | { readonly skipReason: string }

/** What every run is measured by. */
export const HELD_OUT: EvalPlan = {
  ...{ slug: 'held_out', task: 'custom', dataset: {}, metrics: [], baselines: [], hasCode: false },
}

/** Whether the plan is that of `held_out`, under whatever spelling. */
export function isHeldOut({ slug }: Pick<EvalPlan, 'slug'>): boolean {
  return keyOf(slug) === HELD_OUT.slug
}

const SCORERS: Readonly<Record<string, Scorer>> = {
  held_out: heldOutScorer,
  in_context_regression_ols: regressionOls,
  closed_form_baseline: closedForm,
  synthetic_regression_mse: regressionMse,
  synthetic_classification_bce: classificationLoss,
  calibration,
  coverage: calibration,
  forecast,
  graph_recovery: graphRecovery,
  breast_cancer_vs_logreg: tableScorer('breast-cancer'),
  diabetes_vs_ridge: tableScorer('diabetes'),
  iris_vs_logreg: tableScorer('iris'),
  wine_vs_logreg: tableScorer('wine'),
}

/** Names under which evals find a scorer by their slug. */
export const SCORER_SLUGS: readonly string[] = Object.keys(SCORERS)

const ELSEWHERE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    m4_monthly_mse: 'The M4 series do not come with this server.',
    kinpfn_real_fpt_ks: 'The RNA folding times do not come with this server.',
    cascade_recovery:
      'Its graphs are drawn by code of their own; graph_recovery measures those of the prior.',
    cid_recovery: 'It measures effects, and this server has no scorer for them.',
  }),
)

const BY_TASK: ReadonlyMap<string, string> = new Map(
  Object.entries({
    regression: 'synthetic_regression_mse',
    classification: 'synthetic_classification_bce',
    forecast: 'forecast',
    time_series: 'forecast',
    discovery: 'graph_recovery',
  }),
)

/** The scorer of an eval, or why it has none. */
export function chooseScorer(plan: EvalPlan): Choice {
  const slug = keyOf(plan.slug)
  if (plan.hasCode) return { skipReason: 'It has code of its own, which does not run on this server.' }
  if (plan.table && slug !== HELD_OUT.slug) {
    return { name: 'dataset', scorer: storedTableScorer({ ...plan, table: plan.table }) }
  }
  if (Object.hasOwn(SCORERS, slug)) return scorerOf(slug)
  const elsewhere = ELSEWHERE.get(slug)
  if (elsewhere) return { skipReason: elsewhere }
  const wanted = datasetReference(plan.dataset)
  const named = plan.dataset['name']
  const name = typeof named === 'string' && named !== '' ? named : null
  const table = TABLES.find((each) => keyOf(each) === keyOf(name ?? ''))
  if (table) return { name: tableSlug(table), scorer: tableScorer(table) }
  if (wanted && !findPrior(wanted.handle)) {
    const missing = wanted.handle + (wanted.version === null ? '' : `@${wanted.version}`)
    const known = TABLES.join(', ')
    return {
      skipReason:
        `The project has no dataset "${missing}", and this server has ${known} and synthetic tasks of the prior. ` +
        'Store the dataset in the project, or name one of these.',
    }
  }
  if (plan.dataset['kind'] === 'real') {
    return {
      skipReason: 'It is about a real dataset and names none. Give its name or registry:SLUG@VERSION.',
    }
  }
  const byTask = BY_TASK.get(keyOf(plan.task))
  if (byTask) return scorerOf(byTask)
  const known = SCORER_SLUGS.join(', ')
  return {
    skipReason: `No scorer has the slug "${plan.slug}", and none measures the task "${plan.task}". Scorers: ${known}.`,
  }
}

function scorerOf(name: string): Choice {
  return { name, scorer: SCORERS[name]! }
}

function tableSlug(table: TableName): string {
  return `${keyOf(table)}_vs_${table === 'diabetes' ? 'ridge' : 'logreg'}`
}

function keyOf(slug: string): string {
  return slug.toLowerCase().replaceAll('-', '_')
}
