/**
 * Metrics by the names that the published API uses for them (its thinking mode), with their aliases, the problems that they
 * are for, and which way is better. Binary is classification with two classes, multiclass with more.
 */
import { accuracy, logLoss, probabilisticAccuracy } from './classification.ts'
import {
  balancedAccuracy,
  type ClassAverage,
  type Confusion,
  confusionOf,
  f1,
  matthews,
  precision,
  quadraticKappa,
  recall,
} from './confusion.ts'
import { pearson, spearman } from './correlation.ts'
import { mae, r2, rmse } from './regression.ts'
import {
  meanAbsolutePercentageError,
  medianAbsoluteError,
  symmetricMeanAbsolutePercentageError,
} from './relative-errors.ts'
import { averagePrecision, rocAuc, rocAucOvr } from './roc-auc.ts'

export type Problem = 'binary' | 'multiclass' | 'regression'

type Numbers = ArrayLike<number>

interface Named {
  readonly name: string
  readonly problems: readonly Problem[]
  readonly isHigherBetter: boolean
}

/** Scores probabilities, row-major [rows, classes], of rows whose classes are indices. */
export interface ClassMetric extends Named {
  readonly kind: 'classes'
  score(labels: Numbers, probabilities: Numbers, classes: number): number
}

/** Scores numbers against the true ones. */
export interface NumberMetric extends Named {
  readonly kind: 'numbers'
  /** Which point of a distribution does best by this metric, or nearly so. */
  readonly point: 'mean' | 'median'
  score(truth: Numbers, prediction: Numbers): number
}

export type Metric = ClassMetric | NumberMetric

const BOTH = ['binary', 'multiclass'] as const

function classMetric(
  name: string,
  problems: readonly Problem[],
  score: ClassMetric['score'],
  isHigherBetter = true,
): ClassMetric {
  return { kind: 'classes', name, problems, isHigherBetter, score }
}

function ofConfusion(name: string, problems: readonly Problem[], score: (c: Confusion) => number) {
  return classMetric(name, problems, (labels, probabilities, classes) =>
    score(confusionOf(labels, probabilities, classes)),
  )
}

function averages(name: string, score: (c: Confusion, average: ClassAverage) => number): ClassMetric[] {
  return [
    ofConfusion(name, ['binary'], (c) => score(c, 'binary')),
    ...(['macro', 'micro', 'weighted'] as const).map((average) =>
      ofConfusion(`${name}_${average}`, BOTH, (c) => score(c, average)),
    ),
  ]
}

function numberMetric(
  name: string,
  point: NumberMetric['point'],
  isHigherBetter: boolean,
  score: NumberMetric['score'],
): NumberMetric {
  return { kind: 'numbers', name, problems: ['regression'], point, isHigherBetter, score }
}

const ovr = (average: 'macro' | 'micro' | 'weighted'): ClassMetric['score'] => {
  return (labels, probabilities, classes) => rocAucOvr(labels, probabilities, classes, average)
}

/** Every metric once. */
export const METRICS: readonly Metric[] = [
  classMetric('accuracy', BOTH, accuracy),
  ofConfusion('balanced_accuracy', BOTH, balancedAccuracy),
  ofConfusion('mcc', BOTH, matthews),
  classMetric('log_loss', BOTH, logLoss, false),
  classMetric('pac', BOTH, probabilisticAccuracy),
  ofConfusion('quadratic_kappa', BOTH, quadraticKappa),
  classMetric('roc_auc', ['binary'], rocAuc),
  classMetric('average_precision', ['binary'], averagePrecision),
  ...averages('precision', precision),
  ...averages('recall', recall),
  ...averages('f1', f1),
  classMetric('roc_auc_ovo', ['multiclass'], rocAuc),
  classMetric('roc_auc_ovr', ['multiclass'], ovr('macro')),
  classMetric('roc_auc_ovr_micro', ['multiclass'], ovr('micro')),
  classMetric('roc_auc_ovr_weighted', ['multiclass'], ovr('weighted')),
  numberMetric('r2', 'mean', true, r2),
  numberMetric('mean_squared_error', 'mean', false, (truth, p) => rmse(truth, p) ** 2),
  numberMetric('root_mean_squared_error', 'mean', false, rmse),
  numberMetric('mean_absolute_error', 'median', false, mae),
  numberMetric('median_absolute_error', 'median', false, medianAbsoluteError),
  numberMetric('mean_absolute_percentage_error', 'median', false, meanAbsolutePercentageError),
  numberMetric(
    'symmetric_mean_absolute_percentage_error',
    'median',
    false,
    symmetricMeanAbsolutePercentageError,
  ),
  numberMetric('spearmanr', 'mean', true, spearman),
  numberMetric('pearsonr', 'mean', true, pearson),
]

/** Other names, by alias. */
export const METRIC_ALIASES: Readonly<Record<string, string>> = {
  acc: 'accuracy',
  nll: 'log_loss',
  pac_score: 'pac',
  roc_auc_ovo_macro: 'roc_auc_ovo',
  roc_auc_ovr_macro: 'roc_auc_ovr',
  mse: 'mean_squared_error',
  rmse: 'root_mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  smape: 'symmetric_mean_absolute_percentage_error',
}

/** The metric of that name or alias; undefined when there is none. */
export function findMetric(name: string): Metric | undefined {
  const canonical = Object.hasOwn(METRIC_ALIASES, name) ? METRIC_ALIASES[name] : name
  return METRICS.find((metric) => metric.name === canonical)
}

/** Names and aliases that are for a problem, in the order of the tables. */
export function metricNames(problem: Problem): string[] {
  const own = METRICS.filter((metric) => metric.problems.includes(problem)).map(({ name }) => name)
  const aliases = Object.entries(METRIC_ALIASES).filter(([, name]) => own.includes(name))
  return [...own, ...aliases.map(([alias]) => alias)]
}
