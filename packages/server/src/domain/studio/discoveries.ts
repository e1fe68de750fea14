/** Graphs behind tables: what brains of discovery answer. */
import { createHash } from 'node:crypto'
import { invalidField } from '../app-error.ts'
import { costOf, pricingOf } from '../metering/cost.ts'
import type { Metering } from '../metering/metering.ts'
import { PendingCharge } from '../metering/pending-charge.ts'
import type { Answerer, GraphResult, NumberRows } from '../ports/answerer.ts'
import type { AnswerTarget } from './read-question.ts'

/** Rows of one width; null = missing. */
export type DiscoveryTable = readonly (readonly (number | null)[])[]

export interface DiscoveriesDeps {
  predictor: Pick<Answerer, 'discover'>
  metering: Metering
}

export class Discoveries {
  readonly #deps: DiscoveriesDeps

  constructor(deps: DiscoveriesDeps) {
    this.#deps = deps
  }

  /**
   * The graph behind the columns of a table, charged to the account like a prediction of its rows.
   *
   * @throws AppError REQUEST_VALIDATION_ERROR, INSUFFICIENT_QUOTA and the errors of the data
   */
  async discover(
    accountId: string,
    target: AnswerTarget,
    table: DiscoveryTable,
    signal: AbortSignal,
  ): Promise<GraphResult> {
    if (target.inputs?.task !== 'discovery') {
      throw invalidField(
        'X',
        `asks for a graph, and ${target.name} answers rows; send context and query to predict`,
      )
    }
    const x = numbersOf(table)
    const requestKey = createHash('sha256')
      .update(JSON.stringify(target.model))
      .update(x.values)
      .digest('hex')
    const order = { requestKey, subject: target.name, operation: 'predict' } as const
    const charge = new PendingCharge((tokens) => this.#deps.metering.charge(accountId, { ...order, tokens }))
    const sizes = { trainRows: x.rows, testRows: x.columns, columns: x.columns, estimators: 1 }
    charge.price(costOf({ operation: 'predict', ...sizes, pricing: pricingOf(target.name) }))
    try {
      const end = AbortSignal.any([signal, charge.refused])
      const result = await this.#deps.predictor.discover({ model: target.model, x }, end)
      signal.throwIfAborted()
      await charge.settle()
      return result
    } catch (error) {
      throw await charge.fail(error)
    }
  }
}

function numbersOf(table: DiscoveryTable): NumberRows {
  const columns = table[0]!.length
  const values = new Float64Array(table.length * columns)
  for (const [i, row] of table.entries()) {
    if (row.length !== columns) {
      throw invalidField(`X.${i}`, `has ${row.length} cells, and the rows before it ${columns}`)
    }
    for (let j = 0; j < columns; j++) values[i * columns + j] = row[j] ?? Number.NaN
  }
  return { rows: table.length, columns, values }
}
