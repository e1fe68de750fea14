/**
 * JSON that arrives in pieces, read as it comes: no piece is kept, no turn of the event loop takes longer than a piece,
 * and depth and number of values are checked before memory is taken for them.
 *
 * It takes what programs in Python write beside JSON: the bare words NaN (read as null, a missing value), Infinity and
 * -Infinity. Text that says "NaN" stays text. Everything else is as strict as JSON.parse.
 */
import { isUtf8 } from 'node:buffer'
import { AppError } from '../../domain/app-error.ts'

export interface JsonLimits {
  /** Most arrays and objects inside each other. */
  maxDepth: number
  /** Most values of all kinds, arrays and objects included. */
  maxValues: number
}

type Container =
  | { kind: 'array'; value: unknown[] }
  | { kind: 'object'; value: Record<string, unknown>; key: string }

/** What may come next, outside of a token. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing'

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** Words and numbers consist of these; a table, because this is asked for every byte. */
const IN_WORD = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[\w+.-]/.test(String.fromCharCode(byte)) && byte < 128 ? 1 : 0,
)
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', null],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])
/** Longest number that is taken; the longest that a double needs has 25 characters. */
const MAX_WORD_LENGTH = 400

export class JsonReader {
  readonly #limits: JsonLimits
  readonly #stack: Container[] = []
  #expected: Expected = 'value'
  #result: unknown
  #values = 0
  /** Bytes in front of the current piece. */
  #offset = 0
  /** The part of a word that came in earlier pieces. */
  #word = ''
  /** The parts of a text that came so far; undefined outside of a text. */
  #text: Buffer[] | undefined
  #hasEscape = false
  #isEscaped = false

  constructor(limits: JsonLimits) {
    this.#limits = limits
  }

  /**
   * Read on.
   *
   * @throws AppError MALFORMED_JSON, LIMIT_EXCEEDED
   */
  write(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let at = 0
    while (at < bytes.length) {
      if (this.#text) at = this.#readText(bytes, at)
      else if (this.#word !== '' || IN_WORD[bytes[at]!] === 1) at = this.#readWord(bytes, at)
      else this.#readMark(bytes[at]!, at++)
    }
    this.#offset += bytes.length
  }

  /**
   * The value, once everything was written.
   *
   * @throws AppError MALFORMED_JSON
   */
  finish(): unknown {
    if (this.#word !== '') this.#endWord(0)
    if (this.#text) throw this.#malformed('a text is not closed', 0)
    if (this.#expected !== 'nothing') throw this.#malformed(`it ends where ${this.#expected} is expected`, 0)
    return this.#result
  }

  #readText(bytes: Buffer, from: number): number {
    let at = from
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === QUOTE) break
      else if (byte === BACKSLASH) {
        this.#hasEscape = true
        this.#isEscaped = true
      } else if (byte < 0x20) throw this.#malformed('a control character inside a text', at)
    }
    const isClosed = at < bytes.length
    // A copy, because the piece is gone when the rest comes.
    this.#text?.push(isClosed ? bytes.subarray(from, at) : Buffer.from(bytes.subarray(from, at)))
    if (!isClosed) return at
    this.#endText(at)
    return at + 1
  }

  #endText(at: number): void {
    const parts = this.#text ?? []
    const raw = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (!isUtf8(raw)) throw this.#malformed('a text that is not UTF-8', at)
    let text = raw.toString('utf8')
    if (this.#hasEscape) {
      try {
        text = JSON.parse(`"${text}"`) as string
      } catch {
        throw this.#malformed('an escape that JSON does not have', at)
      }
    }
    this.#text = undefined
    if (this.#isKeyNext()) this.#takeKey(text, at)
    else this.#take(text, at)
  }

  #takeKey(key: string, at: number): void {
    if (key === '__proto__') throw this.#malformed('the key "__proto__" is not accepted', at)
    const top = this.#stack.at(-1)
    if (top?.kind === 'object') top.key = key
    this.#expected = ':'
  }

  #readWord(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && IN_WORD[bytes[at]!] === 1) at++
    this.#word += bytes.toString('latin1', from, at)
    if (this.#word.length > MAX_WORD_LENGTH) throw this.#malformed('a number that is too long', at)
    if (at < bytes.length) this.#endWord(at)
    return at
  }

  #endWord(at: number): void {
    const word = this.#word
    this.#word = ''
    if (NUMBER.test(word)) this.#take(Number(word), at)
    else if (WORDS.has(word)) this.#take(WORDS.get(word), at)
    else throw this.#malformed(`"${word.slice(0, 40)}" is no value`, at)
  }

  #readMark(byte: number, at: number): void {
    switch (byte) {
      case 0x20:
      case 0x0a:
      case 0x0d:
      case 0x09:
        return
      case QUOTE:
        if (!this.#isValueNext() && !this.#isKeyNext()) throw this.#unexpected(byte, at)
        this.#text = []
        this.#hasEscape = false
        return
      case 0x5b:
        this.#open({ kind: 'array', value: [] }, at)
        return
      case 0x7b:
        this.#open({ kind: 'object', value: {}, key: '' }, at)
        return
      case 0x5d:
      case 0x7d:
        this.#close(byte, at)
        return
      case 0x2c:
        if (this.#expected !== ', or end') throw this.#unexpected(byte, at)
        this.#expected = this.#stack.at(-1)?.kind === 'object' ? 'key' : 'value'
        return
      case 0x3a:
        if (this.#expected !== ':') throw this.#unexpected(byte, at)
        this.#expected = 'value'
        return
      default:
        throw this.#unexpected(byte, at)
    }
  }

  #open(container: Container, at: number): void {
    if (this.#stack.length >= this.#limits.maxDepth) {
      throw this.#malformed(`more than ${this.#limits.maxDepth} arrays and objects inside each other`, at)
    }
    this.#put(container.value, at)
    this.#stack.push(container)
    this.#expected = container.kind === 'array' ? 'value or ]' : 'key or }'
  }

  #close(byte: number, at: number): void {
    const top = this.#stack.at(-1)
    const isArray = byte === 0x5d
    const isEmpty = this.#expected === (isArray ? 'value or ]' : 'key or }')
    const isRightKind = top !== undefined && (top.kind === 'array') === isArray
    if (!isRightKind || !(isEmpty || this.#expected === ', or end')) throw this.#unexpected(byte, at)
    this.#stack.pop()
    this.#afterValue()
  }

  #take(value: unknown, at: number): void {
    this.#put(value, at)
    this.#afterValue()
  }

  #put(value: unknown, at: number): void {
    if (!this.#isValueNext()) throw this.#malformed(`${this.#expected} is expected`, at)
    if (++this.#values > this.#limits.maxValues) {
      const message = `The body has more than ${this.#limits.maxValues} values. Upload large tables as files.`
      throw new AppError('LIMIT_EXCEEDED', { message, errors: [{ field: 'body', message }] })
    }
    const top = this.#stack.at(-1)
    if (top === undefined) this.#result = value
    else if (top.kind === 'array') top.value.push(value)
    else top.value[top.key] = value
  }

  #afterValue(): void {
    this.#expected = this.#stack.length > 0 ? ', or end' : 'nothing'
  }

  #isValueNext(): boolean {
    return this.#expected === 'value' || this.#expected === 'value or ]'
  }

  #isKeyNext(): boolean {
    return this.#expected === 'key' || this.#expected === 'key or }'
  }

  #unexpected(byte: number, at: number): AppError {
    const shown = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`
    return this.#malformed(`${shown} where ${this.#expected} is expected`, at)
  }

  #malformed(reason: string, at: number): AppError {
    return new AppError('MALFORMED_JSON', { params: { reason: `${reason}, at byte ${this.#offset + at}.` } })
  }
}
