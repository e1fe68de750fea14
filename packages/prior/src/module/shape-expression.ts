/** Sizes in words of the parameters: `(num_points, 1)`, `(num_groups * per_group, 2)`. */

/** A size, from the values of parameters. */
export interface SizeExpression {
  /** As it was written. */
  readonly text: string
  /** Names of the parameters in it. */
  readonly names: readonly string[]
  /** NaN when a parameter is not a number. */
  valueOf(parameters: Readonly<Record<string, unknown>>): number
}

type Evaluate = (parameters: Readonly<Record<string, unknown>>) => number

const TOKEN = /\s*([A-Za-z_]\w*|\d+|[()+*-])/y
const DEEPEST = 20

/** Undefined for what is no sum, difference or product of whole numbers and names. */
export function parseSize(text: string): SizeExpression | undefined {
  const tokens = tokensOf(text)
  if (!tokens) return undefined
  const names: string[] = []
  let at = 0

  function sum(depth: number): Evaluate | undefined {
    let left = product(depth)
    while (left && (tokens![at] === '+' || tokens![at] === '-')) {
      const sign = tokens![at++] === '+' ? 1 : -1
      const [before, after] = [left, product(depth)]
      left = after && ((p) => before(p) + sign * after(p))
    }
    return left
  }

  function product(depth: number): Evaluate | undefined {
    let left = single(depth)
    while (left && tokens![at] === '*') {
      at++
      const [before, after] = [left, single(depth)]
      left = after && ((p) => before(p) * after(p))
    }
    return left
  }

  function single(depth: number): Evaluate | undefined {
    const token = tokens![at++]
    if (token === undefined || depth > DEEPEST) return undefined
    if (/^\d/.test(token)) return () => Number(token)
    if (token === '(') {
      const inner = sum(depth + 1)
      return tokens![at++] === ')' ? inner : undefined
    }
    if (!/^[A-Za-z_]/.test(token)) return undefined
    names.push(token)
    return (p) =>
      Object.hasOwn(p, token) && typeof p[token] === 'number' ? (p[token] as number) : Number.NaN
  }

  const evaluate = sum(0)
  if (!evaluate || at !== tokens.length) return undefined
  return { text: text.trim(), names: [...new Set(names)], valueOf: evaluate }
}

/** The dimensions of a declared shape; undefined for one that is not such a list. `()` is a single number. */
export function parseShape(text: string): SizeExpression[] | undefined {
  const inner = /^\s*[([]([\s\S]*)[)\]]\s*$/.exec(text)?.[1] ?? text
  const parts = splitTop(inner)
  if (parts.length === 1 && parts[0]!.trim() === '') return []
  // "(n,)" is how some write one dimension.
  if (parts.length > 1 && parts.at(-1)!.trim() === '') parts.pop()
  const sizes = parts.map(parseSize)
  return sizes.every((size) => size !== undefined) ? (sizes as SizeExpression[]) : undefined
}

function splitTop(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

function tokensOf(text: string): string[] | undefined {
  const trimmed = text.trimEnd()
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < trimmed.length) {
    const found = TOKEN.exec(trimmed)
    if (!found) return undefined
    tokens.push(found[1]!)
  }
  return tokens.length > 0 ? tokens : undefined
}
