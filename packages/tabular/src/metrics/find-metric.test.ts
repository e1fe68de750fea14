/** Values of scikit-learn 1.7.2 and SciPy for fixed tables, or worked by hand where those have no such metric. */
import { describe, expect, test } from 'vitest'
import {
  type ClassMetric,
  findMetric,
  METRIC_ALIASES,
  METRICS,
  metricNames,
  type NumberMetric,
} from './find-metric.ts'

const classMetric = (name: string) => findMetric(name) as ClassMetric
const numberMetric = (name: string) => findMetric(name) as NumberMetric

describe('metrics of two classes', () => {
  const labels = [0, 1, 1, 0, 1, 0, 0, 1, 0, 0]
  const scores = [0.2, 0.8, 0.4, 0.4, 0.9, 0.55, 0.1, 0.35, 0.3, 0.05]
  const probabilities = scores.flatMap((p) => [1 - p, p])

  test.each([
    ['accuracy', 0.7],
    ['balanced_accuracy', 0.6666666666666667],
    ['mcc', 0.3563483225498992],
    ['log_loss', 0.43404225486269504],
    ['pac', 0.2811486070896065],
    ['quadratic_kappa', 0.34782608695652173],
    ['roc_auc', 0.8541666666666667],
    ['average_precision', 0.8166666666666667],
    ['precision', 0.6666666666666666],
    ['recall', 0.5],
    ['f1', 0.5714285714285714],
    ['precision_macro', 0.6904761904761905],
    ['precision_micro', 0.7],
    ['precision_weighted', 0.6952380952380952],
    ['recall_macro', 0.6666666666666667],
    ['recall_micro', 0.7],
    ['recall_weighted', 0.7],
    ['f1_macro', 0.6703296703296704],
    ['f1_micro', 0.7],
    ['f1_weighted', 0.6901098901098901],
  ])('%s is %d', (name, expected) => {
    expect(classMetric(name).problems).toContain('binary')
    expect(classMetric(name).score(labels, probabilities, 2)).toBeCloseTo(expected, 6)
  })

  test('a class that is never predicted has precision 0, and one that never occurs recall 0', () => {
    const allFirst = [0.9, 0.1, 0.8, 0.2]
    expect(classMetric('precision').score([0, 1], allFirst, 2)).toBe(0)
    expect(classMetric('recall').score([0, 0], allFirst, 2)).toBe(0)
    expect(classMetric('f1').score([0, 0], allFirst, 2)).toBe(0)
  })

  test('what a single class cannot tell is NaN, or 0 where the definition says so', () => {
    const ones = [0.9, 0.1, 0.8, 0.2]
    for (const name of ['roc_auc', 'average_precision', 'pac', 'quadratic_kappa'])
      expect(classMetric(name).score([0, 0], ones, 2)).toBeNaN()
    expect(classMetric('mcc').score([0, 0], ones, 2)).toBe(0)
  })
})

describe('metrics of four classes', () => {
  const labels = [2, 0, 1, 3, 2, 2, 1, 0, 3, 1]
  const probabilities = [
    [0.43, 0.16, 0.28, 0.13],
    [0.02, 0.36, 0.53, 0.09],
    [0.02, 0.3, 0.33, 0.35],
    [0.04, 0.37, 0.24, 0.35],
    [0.32, 0.05, 0.27, 0.36],
    [0.07, 0.01, 0.64, 0.28],
    [0.16, 0.31, 0.52, 0.01],
    [0.47, 0.0, 0.34, 0.19],
    [0.11, 0.25, 0.16, 0.48],
    [0.13, 0.32, 0.44, 0.11],
  ].flat()

  test.each([
    ['accuracy', 0.3],
    ['balanced_accuracy', 0.3333333333333333],
    ['mcc', 0.06947125179709106],
    ['log_loss', 1.2994013056727372],
    ['pac', 0.023640418891364753],
    ['quadratic_kappa', 0.17391304347826086],
    ['roc_auc_ovo', 0.6666666666666666],
    ['roc_auc_ovr', 0.6688988095238095],
    ['roc_auc_ovr_micro', 0.6866666666666666],
    ['roc_auc_ovr_weighted', 0.6589285714285713],
    ['precision_macro', 0.2708333333333333],
    ['precision_micro', 0.3],
    ['precision_weighted', 0.24166666666666664],
    ['recall_macro', 0.3333333333333333],
    ['recall_micro', 0.3],
    ['recall_weighted', 0.3],
    ['f1_macro', 0.29642857142857143],
    ['f1_micro', 0.3],
    ['f1_weighted', 0.26571428571428574],
  ])('%s is %d', (name, expected) => {
    expect(classMetric(name).problems).toContain('multiclass')
    expect(classMetric(name).score(labels, probabilities, 4)).toBeCloseTo(expected, 5)
  })

  test('rows whose label is no class are left out', () => {
    for (const name of ['balanced_accuracy', 'mcc', 'roc_auc_ovr_micro', 'f1_macro', 'pac']) {
      const { score } = classMetric(name)
      const longer = [...probabilities, 0.7, 0.1, 0.1, 0.1]
      expect(score([...labels, -1], longer, 4)).toBe(score(labels, probabilities, 4))
    }
  })
})

describe('metrics of numbers', () => {
  const truth = [3, -0.5, 2, 7, 0, 4.2, 7]
  const prediction = [2.5, 0, 2, 8, 0.3, 3.9, 6]

  test.each([
    ['r2', 0.9515170310642477],
    ['mean_squared_error', 0.3828571428571429],
    ['root_mean_squared_error', 0.6187545093630776],
    ['mean_absolute_error', 0.5142857142857143],
    ['median_absolute_error', 0.5],
    ['spearmanr', 0.991031208965115],
    ['pearsonr', 0.9754767874905431],
  ])('%s is %d', (name, expected) => {
    expect(numberMetric(name).score(truth, prediction)).toBeCloseTo(expected, 12)
  })

  test('the percentage errors are shares of the true value, or of both', () => {
    const score = numberMetric('mape').score(truth.slice(0, 4), prediction.slice(0, 4))
    expect(score).toBeCloseTo(0.3273809523809524, 12)
    expect(numberMetric('mape').score([0], [1])).toBe(2 ** 52)
    // 2 * 1 / 5, 2 * 3 / 3, and 0 for two zeros.
    expect(numberMetric('smape').score([2, 0, 0], [3, 3, 0])).toBeCloseTo((0.4 + 2 + 0) / 3, 12)
  })

  test('a correlation with what does not vary is NaN', () => {
    expect(numberMetric('pearsonr').score([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN()
    expect(numberMetric('spearmanr').score([1, 2, 3], [5, 5, 5])).toBeNaN()
  })

  test('rows without a true value are left out', () => {
    const gap = [...truth, Number.NaN]
    for (const { kind, name, ...metric } of METRICS) {
      if (kind === 'numbers')
        expect((metric as NumberMetric).score(gap, [...prediction, 9]), name).toBe(
          (metric as NumberMetric).score(truth, prediction),
        )
    }
  })
})

test('every name of the published lists is known, and belongs to the right problem', () => {
  const averaged = ['precision', 'recall', 'f1'].flatMap((name) =>
    ['macro', 'micro', 'weighted'].map((average) => `${name}_${average}`),
  )
  const both = ['accuracy', 'balanced_accuracy', 'mcc', 'log_loss', 'pac', 'quadratic_kappa', ...averaged]
  both.push('acc', 'nll', 'pac_score')
  const binary = [...both, 'roc_auc', 'average_precision', 'precision', 'recall', 'f1']
  const ovr = ['roc_auc_ovr', 'roc_auc_ovr_macro', 'roc_auc_ovr_micro', 'roc_auc_ovr_weighted']
  const multiclass = [...both, 'roc_auc_ovo', 'roc_auc_ovo_macro', ...ovr]
  const errors = ['squared', 'absolute', 'absolute_percentage'].map((kind) => `mean_${kind}_error`)
  const regression = ['r2', ...errors, 'root_mean_squared_error', 'median_absolute_error']
  regression.push('symmetric_mean_absolute_percentage_error', 'spearmanr', 'pearsonr')
  regression.push('mse', 'rmse', 'mae', 'mape', 'smape')
  expect(metricNames('binary').sort()).toEqual(binary.sort())
  expect(metricNames('multiclass').sort()).toEqual(multiclass.sort())
  expect(metricNames('regression').sort()).toEqual(regression.sort())
})

test('an alias is the metric that it stands for, and an unknown name is none', () => {
  for (const [alias, name] of Object.entries(METRIC_ALIASES)) expect(findMetric(alias)?.name).toBe(name)
  expect(findMetric('toString')).toBeUndefined()
  expect(findMetric('AUC')).toBeUndefined()
})

test('a perfect answer is at least as good as any other, by the direction of each metric', () => {
  const better = (isHigherBetter: boolean, a: number, b: number) => (isHigherBetter ? a >= b : a <= b)
  for (const metric of METRICS) {
    if (metric.kind === 'numbers') {
      const truth = [1, 2, 4, 3]
      const [best, worse] = [metric.score(truth, truth), metric.score(truth, [2, 1, 4, 4])]
      expect(better(metric.isHigherBetter, best, worse), metric.name).toBe(true)
    } else {
      const [best, worse] = [
        [1, 0, 0, 1, 0, 1, 1, 0],
        [0.6, 0.4, 0.7, 0.3, 0.2, 0.8, 0.3, 0.7],
      ].map((p) => metric.score([0, 1, 1, 0], p, 2))
      expect(better(metric.isHigherBetter, best!, worse!), metric.name).toBe(true)
    }
  }
})
