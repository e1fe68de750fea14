/**
 * Builds one typed column from cells of text that arrive one by one, by the rules of `parse-cell.ts`.
 *
 * The whole column decides the type, but the type is assumed from the first cell that is not missing and only the
 * typed value is kept: a million numbers cost eight bytes each, never their text. When a later cell does not fit,
 * the column is text and its earlier cells are needed again as they were written: the builder then says `mustReread`,
 * and the caller runs the same cells once more through a builder made with `asText`.
 */
import { Growable } from './growable.ts'
import { isIntegerText, isMissingMark, parseBoolean, parseDatetime, parseNumber } from './parse-cell.ts'
import { type Column, MISSING_BOOLEAN, MISSING_CODE } from './table.ts'

type Mode = 'undecided' | 'number' | 'boolean' | 'datetime' | 'string' | 'abandoned'

export class ColumnBuilder {
  readonly name: string
  #mode: Mode = 'undecided'
  /** Empty cells before the first value. */
  #leadingMissing = 0
  /** Whether a mark such as NA was read as missing, which it is not if the column turns out to be text. */
  #sawMark = false
  #integer = true
  #numbers: Growable<Float64Array> | undefined
  #booleans: Growable<Uint8Array> | undefined
  #codes: Growable<Int32Array> | undefined
  #levels: string[] = []
  #codeOf = new Map<string, number>()

  constructor(name: string, options: { asText?: boolean } = {}) {
    this.name = name
    if (options.asText) this.#start('string')
  }

  /** True once the cells must be read again by a builder made with `asText`; the ones appended here are dropped. */
  get mustReread(): boolean {
    return this.#mode === 'abandoned'
  }

  /** Add the cell with this text; '' is missing. */
  append(text: string): void {
    if (text === '') this.appendMissing()
    else if (this.#mode === 'undecided') this.#decide(text)
    else if (this.#mode === 'string') this.#appendString(text)
    else if (this.#mode !== 'abandoned') this.#appendTyped(text)
  }

  /** Add a missing cell. */
  appendMissing(): void {
    switch (this.#mode) {
      case 'undecided':
        this.#leadingMissing++
        break
      case 'string':
        this.#codes!.push(MISSING_CODE)
        break
      case 'boolean':
        this.#booleans!.push(MISSING_BOOLEAN)
        break
      case 'number':
      case 'datetime':
        this.#numbers!.push(Number.NaN)
        break
      case 'abandoned':
        break
    }
  }

  /** Whether `appendNumber` may be called: no cell so far speaks against numbers. */
  get acceptsNumbers(): boolean {
    return this.#mode === 'number' || this.#mode === 'undecided'
  }

  /** Add a cell already found to be a number by the rules of parseNumber; `integer` as isIntegerText says. */
  appendNumber(value: number, integer: boolean): void {
    if (this.#mode === 'undecided') this.#start('number')
    if (!integer) this.#integer = false
    this.#numbers!.push(value)
  }

  #decide(text: string): void {
    if (isMissingMark(text)) {
      this.#sawMark = true
      this.#leadingMissing++
      return
    }
    if (!Number.isNaN(parseNumber(text))) this.#start('number')
    else if (!Number.isNaN(parseBoolean(text))) this.#start('boolean')
    else if (!Number.isNaN(parseDatetime(text))) this.#start('datetime')
    else if (this.#sawMark) {
      this.#abandon()
      return
    } else this.#start('string')
    this.append(text)
  }

  #start(mode: 'number' | 'boolean' | 'datetime' | 'string'): void {
    this.#mode = mode
    if (mode === 'string') this.#codes = new Growable((n) => new Int32Array(n))
    else if (mode === 'boolean') this.#booleans = new Growable((n) => new Uint8Array(n))
    else this.#numbers = new Growable((n) => new Float64Array(n))
    for (let i = 0; i < this.#leadingMissing; i++) this.appendMissing()
  }

  #appendTyped(text: string): void {
    const value =
      this.#mode === 'number'
        ? parseNumber(text)
        : this.#mode === 'boolean'
          ? parseBoolean(text)
          : parseDatetime(text)
    if (!Number.isNaN(value)) {
      if (this.#mode === 'boolean') this.#booleans!.push(value)
      else {
        if (this.#integer && this.#mode === 'number') this.#integer = isIntegerText(text)
        this.#numbers!.push(value)
      }
    } else if (isMissingMark(text)) {
      this.#sawMark = true
      this.appendMissing()
    } else {
      this.#abandon()
    }
  }

  #appendString(text: string): void {
    let code = this.#codeOf.get(text)
    if (code === undefined) {
      code = this.#levels.length
      this.#codeOf.set(text, code)
      this.#levels.push(text)
    }
    this.#codes!.push(code)
  }

  #abandon(): void {
    this.#mode = 'abandoned'
    this.#numbers = undefined
    this.#booleans = undefined
  }

  /**
   * The column. A column without any value is a number column of NaN. The builder is spent afterwards.
   *
   * @throws Error when `mustReread` is true (a bug of the caller)
   */
  finish(): Column {
    const { name } = this
    if (this.#mode === 'undecided') this.#start('number')
    switch (this.#mode) {
      case 'number': {
        const values = this.#numbers!.finish()
        return { kind: 'number', name, values, integer: this.#integer && !values.every(Number.isNaN) }
      }
      case 'datetime':
        return { kind: 'datetime', name, values: this.#numbers!.finish() }
      case 'boolean':
        return { kind: 'boolean', name, values: this.#booleans!.finish() }
      case 'string':
        return { kind: 'string', name, codes: this.#codes!.finish(), levels: this.#levels }
      default:
        throw new Error(`Column '${name}' must be read again as text before it can be finished.`)
    }
  }
}
