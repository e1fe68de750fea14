/**
 * Order of two strings by Unicode code point, which is how NumPy and Python sort labels. JavaScript's own comparison
 * goes by UTF-16 unit and puts 😀 (U+1F600) before ﬁ (U+FB01).
 *
 * @returns negative, 0 or positive
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return liftSurrogates(x) - liftSurrogates(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above every other unit. */
function liftSurrogates(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
