/** The metrics of the report. */
import type { Task } from '../data/datasets.ts'

export interface Metric {
  /** As in results. */
  key: string
  title: string
  digits: number
  higherIsBetter: boolean
  /** Whether values of different datasets share a unit, so that their mean says something. Otherwise ratios are told. */
  hasMean: boolean
  /** Whether methods are ranked by it; RMSE would repeat the ranks of R2. */
  isRanked: boolean
}

/** By task; the first is the one by which methods are ranked over both tasks. */
export const METRICS: Record<Task, readonly Metric[]> = {
  classification: [
    { key: 'auc', title: 'ROC AUC', digits: 4, higherIsBetter: true, hasMean: true, isRanked: true },
    { key: 'logloss', title: 'log loss', digits: 4, higherIsBetter: false, hasMean: true, isRanked: true },
    { key: 'accuracy', title: 'accuracy', digits: 4, higherIsBetter: true, hasMean: true, isRanked: true },
  ],
  regression: [
    { key: 'r2', title: 'R2', digits: 4, higherIsBetter: true, hasMean: true, isRanked: true },
    { key: 'rmse', title: 'RMSE', digits: 4, higherIsBetter: false, hasMean: false, isRanked: false },
    { key: 'mae', title: 'MAE', digits: 4, higherIsBetter: false, hasMean: false, isRanked: true },
    { key: 'crps', title: 'CRPS', digits: 4, higherIsBetter: false, hasMean: false, isRanked: true },
  ],
}

/** The tasks, in the order of the report. */
export const TASKS = ['classification', 'regression'] as const
