import type { DuckDBVector } from '@duckdb/node-api'
import { type Column, MISSING_CODE } from '../table/table.ts'
import { TableError } from '../table/table-error.ts'
import type { ColumnPlan } from './parquet-columns.ts'

/** Takes a column's values vector by vector into one array of the final length. */
export class ColumnFiller {
  readonly plan: ColumnPlan
  readonly #rows: number
  /** Untouched pages of a fresh array cost no memory, so a footer that promises too much costs nothing. */
  readonly #values: Float64Array | Uint8Array | Int32Array
  readonly #levels: string[] = []
  readonly #codeOf = new Map<string, number>()
  #filled = 0

  constructor(plan: ColumnPlan, rows: number) {
    this.plan = plan
    this.#rows = rows
    this.#values =
      plan.kind === 'string'
        ? new Int32Array(rows)
        : plan.kind === 'boolean'
          ? new Uint8Array(rows)
          : new Float64Array(rows)
  }

  /**
   * Add the next values.
   *
   * @throws TableError parquet_invalid when there are more than the footer says
   */
  take(vector: DuckDBVector, count: number): void {
    if (this.#filled + count > this.#rows) throw wrongCount(this.plan.name, this.#rows)
    if (this.plan.kind === 'string') this.#takeText(vector, count)
    else this.#values.set(vectorItems(vector), this.#filled)
    this.#filled += count
  }

  #takeText(vector: DuckDBVector, count: number): void {
    for (let i = 0; i < count; i++) {
      const text = vector.getItem(i) as string | null
      if (text === null) {
        this.#values[this.#filled + i] = MISSING_CODE
        continue
      }
      let code = this.#codeOf.get(text)
      if (code === undefined) {
        code = this.#levels.length
        this.#codeOf.set(text, code)
        this.#levels.push(text)
      }
      this.#values[this.#filled + i] = code
    }
  }

  /** @throws TableError parquet_invalid when there were fewer values than the footer says */
  finish(): Column {
    const { name, kind, integer, categorical } = this.plan
    if (this.#filled !== this.#rows) throw wrongCount(name, this.#rows)
    switch (kind) {
      case 'string':
        return { kind, name, codes: this.#values as Int32Array, levels: this.#levels }
      case 'boolean':
        return { kind, name, values: this.#values as Uint8Array }
      case 'datetime':
        return { kind, name, values: this.#values as Float64Array }
      case 'number': {
        const values = this.#values as Float64Array
        return { kind, name, values, integer, ...(categorical ? { categorical } : {}) }
      }
    }
  }
}

/**
 * The values of a double or utinyint vector as they lie in memory. The field is private in DuckDB's types; reading
 * cell by cell instead takes twenty times as long.
 */
function vectorItems(vector: DuckDBVector): Float64Array | Uint8Array {
  const { items } = vector as unknown as { items: unknown }
  if (items instanceof Float64Array || items instanceof Uint8Array) return items
  throw new Error(`DuckDB gave a vector of ${vector.type} without plain items.`)
}

function wrongCount(name: string, rows: number): TableError {
  return new TableError(
    'parquet_invalid',
    `The Parquet file is damaged: column '${name}' does not have the ${rows} rows that the metadata states.`,
    { details: { column: name, rows } },
  )
}
