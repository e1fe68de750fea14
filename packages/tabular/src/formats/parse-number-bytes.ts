const ZERO = 0x30
const NINE = 0x39
const POINT = 0x2e
const PLUS = 0x2b
const MINUS = 0x2d

/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, k) => 10 ** k)

/** Digits up to which an integer is exact in float64. */
const EXACT_DIGITS = 15

/**
 * Reads plain decimal numbers (12, -3.50) straight from bytes, without making a string. It takes the common case only
 * and never differs from parseNumber: at most 15 digits over an exact power of ten is one correctly rounded division
 * (Clinger 1990).
 */
export class NumberBytes {
  /** Whether the last number read had no decimal point. */
  isInteger = false

  /** The number in bytes[start, end), or NaN when the general parser must look. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    const first = bytes[at]
    const negative = first === MINUS
    if (negative || first === PLUS) at++
    const wholeStart = at
    let digits = 0
    while (at < end) {
      const byte = bytes[at]!
      if (byte < ZERO || byte > NINE) break
      digits = digits * 10 + (byte - ZERO)
      at++
    }
    const wholeDigits = at - wholeStart
    if (wholeDigits > 1 && bytes[wholeStart] === ZERO) return Number.NaN
    let decimals = 0
    this.isInteger = true
    if (at < end && bytes[at] === POINT) {
      this.isInteger = false
      at++
      const from = at
      while (at < end) {
        const byte = bytes[at]!
        if (byte < ZERO || byte > NINE) break
        digits = digits * 10 + (byte - ZERO)
        at++
      }
      decimals = at - from
    }
    const count = wholeDigits + decimals
    if (at !== end || count === 0 || count > EXACT_DIGITS) return Number.NaN
    const size = decimals === 0 ? digits : digits / POWERS[decimals]!
    return negative ? -size : size
  }
}
