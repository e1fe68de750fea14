/** The two estimators, by the names and in the manner of scikit-learn and of the TabPFN client. */
import type { PosteriorClient } from './posterior-client.ts'
import type { Cell, Label, Rows } from './table.ts'
import type { FitSettings, TablePrediction, Task } from './tables.ts'
import type { CallOptions } from './transport.ts'

export interface EstimatorOptions extends FitSettings {
  client: PosteriorClient
}

abstract class Estimator {
  protected abstract readonly task: Task
  readonly #client: PosteriorClient
  readonly #settings: FitSettings
  #fitId: string | undefined

  constructor({ client, ...settings }: EstimatorOptions) {
    this.#client = client
    this.#settings = settings
  }

  /** Id of the fitted model: keep it to go on in another program with `use`. @throws Error before a fit */
  get fitId(): string {
    if (this.#fitId === undefined) throw new Error('This estimator is not fitted yet: call fit or use first.')
    return this.#fitId
  }

  /** Go on with a model that was fitted before, by its id. */
  use(fitId: string): this {
    this.#fitId = fitId
    return this
  }

  /** @param y one value per row, or the name of the target among the columns of rows that are objects */
  async fit(rows: Rows, y: readonly Cell[] | string, options?: CallOptions): Promise<this> {
    const table = typeof y === 'string' ? { rows, target: y } : { rows, y }
    this.#fitId = await this.#client.tables.fit(this.task, table, this.#settings, options)
    return this
  }

  protected ask<T>(
    rows: Rows,
    asked: Parameters<PosteriorClient['tables']['predict']>[2],
    options: CallOptions | undefined,
  ): Promise<TablePrediction<T>> {
    return this.#client.tables.predict<T>(this.fitId, rows, asked, options)
  }
}

export class TabPFNClassifier extends Estimator {
  protected readonly task = 'classification'

  /** The most probable label of each row. */
  async predict(rows: Rows, options?: CallOptions): Promise<Label[]> {
    return (await this.ask<Label[]>(rows, { output: 'preds' }, options)).prediction
  }

  /** The probability of each class, [row][class], and the labels in that order. */
  async predictProba(
    rows: Rows,
    options?: CallOptions,
  ): Promise<{ probabilities: number[][]; classes: Label[] }> {
    const { prediction, metadata } = await this.ask<number[][]>(rows, { output: 'probas' }, options)
    return { probabilities: prediction, classes: metadata.classes ?? [] }
  }
}

/** A predictive distribution of each row as bars. */
export interface Bars {
  /** Increasing, in the unit of the target; one more than there are bars. */
  borders: number[]
  /** [row][bar]: the log of the probability of each bar. */
  logits: number[][]
}

export class TabPFNRegressor extends Estimator {
  protected readonly task = 'regression'

  /** One number per row: the mean of its predictive distribution, or its median or mode. */
  async predict(
    rows: Rows,
    { point = 'mean', ...options }: CallOptions & { point?: 'mean' | 'median' | 'mode' } = {},
  ): Promise<number[]> {
    return (await this.ask<number[]>(rows, { output: point }, options)).prediction
  }

  /** Quantiles of the predictive distributions, [level][row]. @param levels in [0, 1]; default the nine deciles */
  async predictQuantiles(rows: Rows, levels?: readonly number[], options?: CallOptions): Promise<number[][]> {
    const asked = { output: 'quantiles' as const, ...(levels && { quantiles: levels }) }
    return (await this.ask<number[][]>(rows, asked, options)).prediction
  }

  /** Whole distributions; at most 400 rows. */
  async predictDistribution(rows: Rows, options?: CallOptions): Promise<Bars> {
    const { borders, logits } = (await this.ask<Bars>(rows, { output: 'full' }, options)).prediction
    return { borders, logits }
  }
}
