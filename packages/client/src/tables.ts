/** Fits and predictions of tables: the whole of it in two calls. */
import { type Cell, type Label, type Rows, toJsonCell, toJsonRows } from './table.ts'
import type { CallOptions, Transport } from './transport.ts'

export type Task = 'classification' | 'regression'

/** Settings of a fit; see the table of `tabpfn_config` in the reference of the server for what each does. */
export interface FitSettings {
  /** Ensemble members, 1 to 32; default 4. */
  estimators?: number
  /** Seed of everything random; default 0. */
  randomState?: number
  /** A released model by name; default the server's. */
  model?: string
  /** 0-based columns to treat as categories; default: found by typing rules. */
  categoricalColumns?: readonly number[]
  softmaxTemperature?: number
  balanceProbabilities?: boolean
  /** Search for the settings that predict the table best: `medium` or `high`. Default: no search. */
  thinking?: 'medium' | 'high'
  /** What thinking optimises, such as `log_loss` or `roc_auc`. */
  thinkingMetric?: string
  /** Fit again although the same fit exists. */
  refit?: boolean
  /** Further fields of `tabpfn_config`, as the API names them. */
  config?: Readonly<Record<string, unknown>>
}

/** A table with its target: beside the rows, or the name of one of their columns. */
export type TrainingTable = { rows: Rows; y: readonly Cell[] } | { rows: Rows; target: string }

export type OutputType = 'probas' | 'preds' | 'mean' | 'median' | 'mode' | 'quantiles' | 'main' | 'full'

/** What came of a prediction, as the server says it. */
export interface TablePrediction<T> {
  prediction: T
  metadata: {
    task: Task
    /** Labels in the order of probabilities; of a classification. */
    classes?: Label[]
    model: string
    warnings: string[]
    [field: string]: unknown
  }
}

export class Tables {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Fit a table. The same table with the same settings is fitted once; rows stay on the server until they are deleted.
   *
   * @returns the id of the fitted model, for `predict` in this or another program
   * @throws PosteriorError
   */
  async fit(
    task: Task,
    table: TrainingTable,
    settings: FitSettings = {},
    options: CallOptions = {},
  ): Promise<string> {
    const target = 'y' in table ? { y: table.y.map(toJsonCell) } : { target: table.target }
    const body = {
      task,
      rows: toJsonRows(table.rows),
      ...target,
      tabpfn_config: configOf(settings),
      ...(settings.thinking && { thinking_effort: settings.thinking }),
      ...(settings.thinkingMetric && { thinking_metric: settings.thinkingMetric }),
      ...(settings.refit && { force_refit: true }),
    }
    // The same fit again is the first one, so it may be sent twice.
    const asked = { ...options, body, repeatable: !settings.refit }
    const answer = await this.#transport.json<{ fitted_train_set_id: string }>(
      'POST',
      '/tabpfn/fit_rows',
      asked,
    )
    return answer.fitted_train_set_id
  }

  /**
   * Predict rows with a fitted model; nothing of them is kept.
   *
   * @param rows at most 65,536 cells
   * @throws PosteriorError
   */
  predict<T>(
    fitId: string,
    rows: Rows,
    asked: { output?: OutputType; quantiles?: readonly number[] } = {},
    options: CallOptions = {},
  ): Promise<TablePrediction<T>> {
    const body = {
      rows: toJsonRows(rows),
      ...(asked.output && { output_type: asked.output }),
      ...(asked.quantiles && { quantiles: asked.quantiles }),
    }
    const path = `/tabpfn/fit/${encodeURIComponent(fitId)}/predict`
    return this.#transport.json('POST', path, { ...options, body, repeatable: true })
  }
}

function configOf(settings: FitSettings): Record<string, unknown> {
  const { estimators, randomState, model, categoricalColumns, softmaxTemperature, balanceProbabilities } =
    settings
  const fields = {
    n_estimators: estimators,
    random_state: randomState,
    model_path: model,
    categorical_features_indices: categoricalColumns,
    softmax_temperature: softmaxTemperature,
    balance_probabilities: balanceProbabilities,
    ...settings.config,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
