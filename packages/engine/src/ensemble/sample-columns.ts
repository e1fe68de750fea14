/** Which columns each member sees when there are more than its pipeline takes. */
import { type NumericColumn, Random } from '@posterior/tabular'
import { columnImportance } from './column-importance.ts'
import { DEFAULT_MAX_COLUMNS, type EnsembleSettings } from './settings.ts'

/** Chooses the columns of the members; importance is measured once, when it is first needed. */
export class ColumnSampler {
  readonly #settings: EnsembleSettings
  readonly #randomState: number
  readonly #columns: readonly NumericColumn[]
  readonly #labels: Int32Array | Float64Array
  #always: readonly number[] | undefined

  constructor(
    settings: EnsembleSettings,
    randomState: number,
    data: { columns: readonly NumericColumn[]; labels: Int32Array | Float64Array },
  ) {
    this.#settings = settings
    this.#randomState = randomState
    this.#columns = data.columns
    this.#labels = data.labels
  }

  /** Columns of one member in increasing order; null for all. */
  choose(member: number, maxColumns: number = DEFAULT_MAX_COLUMNS): number[] | null {
    const total = this.#columns.length
    if (total <= maxColumns) return null
    if (this.#settings.columnSampling === 'random') {
      const order = Random.fromSeed(this.#randomState, 'member', member, 'column sample').permutation(total)
      return Array.from(order.slice(0, maxColumns)).sort((a, b) => a - b)
    }
    const always = this.#alwaysSeen().slice(0, maxColumns)
    const chosen = new Set(always)
    const others = Array.from({ length: total }, (_, j) => j).filter((j) => !chosen.has(j))
    // One shuffled pool for all members, dealt in turn: each column is seen as often as any other, give or take one.
    const pool = Random.fromSeed(this.#randomState, 'column pool').permutation(others.length)
    const each = maxColumns - always.length
    for (let i = 0; i < each; i++) chosen.add(others[pool[(member * each + i) % pool.length]!]!)
    return [...chosen].sort((a, b) => a - b)
  }

  #alwaysSeen(): readonly number[] {
    this.#always ??= this.#findAlwaysSeen()
    return this.#always
  }

  #findAlwaysSeen(): number[] {
    const { columnSampling, constantColumns = 50, importantColumns = 'auto' } = this.#settings
    const total = this.#columns.length
    if (columnSampling === 'constant-and-balanced') {
      return Array.from({ length: Math.min(constantColumns, total) }, (_, j) => j)
    }
    if (columnSampling !== 'importance') return []
    const wanted =
      importantColumns === 'auto'
        ? total > 200
          ? 150
          : 0
        : typeof importantColumns === 'number'
          ? importantColumns
          : Math.ceil(importantColumns.share * total)
    if (wanted === 0) return []
    const importance = this.#columns.map((column) => columnImportance(column, this.#labels))
    const order = importance.map((_, j) => j).sort((a, b) => importance[b]! - importance[a]! || a - b)
    return order.slice(0, wanted)
  }
}
