/**
 * Thinking mode (tabpfn-api section 5.5): a fit that spends a time on finding the settings that predict the table best.
 */
import { z } from 'zod'
import { THINKING_EFFORTS } from './estimate-cost.ts'
import type { Task } from './task.ts'

export const thinkingEffortSchema = z.enum(THINKING_EFFORTS)

const AVERAGED = ['precision', 'recall', 'f1'].flatMap((name) =>
  ['macro', 'micro', 'weighted'].map((average) => `${name}_${average}`),
)

/**
 * Metrics that a thinking fit may be asked for, by task, with their aliases. Some of those of classification are for two
 * classes or for more: that is known when the target has been read.
 */
export const THINKING_METRICS: Readonly<Record<Task, readonly string[]>> = {
  classification: [
    ...['accuracy', 'balanced_accuracy', 'mcc', 'log_loss', 'pac', 'quadratic_kappa', ...AVERAGED],
    // of two classes
    ...['roc_auc', 'average_precision', 'precision', 'recall', 'f1'],
    // of more
    ...['roc_auc_ovo', 'roc_auc_ovo_macro', 'roc_auc_ovr', 'roc_auc_ovr_macro'],
    ...['roc_auc_ovr_micro', 'roc_auc_ovr_weighted'],
    // aliases
    ...['acc', 'nll', 'pac_score'],
  ],
  regression: [
    ...['r2', 'mean_squared_error', 'root_mean_squared_error', 'mean_absolute_error'],
    ...['median_absolute_error', 'mean_absolute_percentage_error'],
    ...['symmetric_mean_absolute_percentage_error', 'spearmanr', 'pearsonr'],
    ...['mse', 'rmse', 'mae', 'mape', 'smape'],
  ],
}

/** What a thinking fit did, beside each of its predictions. */
export const thinkingReportSchema = z
  .object({
    effort: thinkingEffortSchema,
    metric: z.string(),
    candidates: z.int().describe('Settings that were measured, the default among them'),
    folds: z.int().describe('Folds of the cross-validation that each was measured on'),
    score: z
      .number()
      .nullable()
      .describe('Of what was chosen, on rows held out; null when nothing was measured'),
    baseline_score: z.number().nullable().describe('Of the settings as asked for, without thinking'),
    higher_is_better: z.boolean(),
    chosen: z
      .array(z.object({ weight: z.number(), settings: z.record(z.string(), z.unknown()) }))
      .describe('Ensembles that answer together'),
    temperature: z.number().describe('Of the blended answer; 1 = as it is'),
    seconds: z.number().describe('Time that the fit took'),
  })
  .meta({ id: 'ThinkingReport' })
