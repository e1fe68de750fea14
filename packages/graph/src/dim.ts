/**
 * Dimensions of tensors: a number, or an expression over named sizes such as `n`, `B*n` or `16 + n`.
 *
 * An expression is a polynomial with non-negative integer coefficients, kept as its canonical string, so that equal
 * dimensions are equal strings, can be written into an ONNX file as they are and can be read by people.
 */
export type Dim = number | string

export type Shape = readonly Dim[]

/** Monomial ('' for the constant, factors sorted and joined by '*') to coefficient. */
type Polynomial = Map<string, number>

/** Sum of two dimensions. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  const sum = parse(a)
  for (const [monomial, coefficient] of parse(b)) sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient)
  return format(sum)
}

/** Product of two dimensions. */
export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const product: Polynomial = new Map()
  for (const [ma, ca] of parse(a)) {
    for (const [mb, cb] of parse(b)) {
      const factors = [...ma.split('*'), ...mb.split('*')].filter((f) => f !== '').sort()
      const monomial = factors.join('*')
      product.set(monomial, (product.get(monomial) ?? 0) + ca * cb)
    }
  }
  return format(product)
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): Dim {
  return shape.reduce<Dim>(mulDims, 1)
}

/** The terms of a dimension, each a coefficient and its named factors. */
export function termsOf(dim: Dim): { coefficient: number; factors: string[] }[] {
  return [...parse(dim)].map(([monomial, coefficient]) => ({
    coefficient,
    factors: monomial === '' ? [] : monomial.split('*'),
  }))
}

/** Replace every named size of `dim` by its value in `values`; names that are not there stay. */
export function substitute(dim: Dim, values: ReadonlyMap<string, Dim>): Dim {
  if (typeof dim === 'number') return dim
  return termsOf(dim)
    .map(({ coefficient, factors }) =>
      factors.reduce<Dim>((product, name) => mulDims(product, values.get(name) ?? name), coefficient),
    )
    .reduce<Dim>(addDims, 0)
}

/** The named sizes that occur in `dim`. */
export function namesIn(dim: Dim): string[] {
  return [...new Set(termsOf(dim).flatMap((term) => term.factors))]
}

/**
 * Shape of an elementwise operation under ONNX broadcasting.
 *
 * @throws ShapeError when two dimensions differ and neither is 1
 */
export function broadcastShapes(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length)
  const out: Dim[] = []
  for (let axis = 0; axis < rank; axis++) {
    const da = a[axis - rank + a.length] ?? 1
    const db = b[axis - rank + b.length] ?? 1
    if (da !== db && da !== 1 && db !== 1) {
      throw new ShapeError(`cannot broadcast ${formatShape(a)} with ${formatShape(b)}: ${da} against ${db}`)
    }
    out.push(da === 1 ? db : da)
  }
  return out
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis])
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** Shapes that do not fit together; the message names both. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map(dim === 0 ? [] : [['', dim]])
  const polynomial: Polynomial = new Map()
  for (const term of dim.split('+')) {
    let coefficient = 1
    const factors: string[] = []
    for (const factor of term.trim().split('*')) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor)
      else if (/^[A-Za-z_]\w*$/.test(factor)) factors.push(factor)
      else throw new ShapeError(`"${dim}" is not a dimension: "${factor}" is neither a number nor a name`)
    }
    const monomial = factors.sort().join('*')
    polynomial.set(monomial, (polynomial.get(monomial) ?? 0) + coefficient)
  }
  return polynomial
}

function format(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0)
  if (terms.length === 0) return 0
  if (terms.length === 1 && terms[0]![0] === '') return terms[0]![1]
  return terms
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([monomial, coefficient]) => {
      if (monomial === '') return String(coefficient)
      return coefficient === 1 ? monomial : `${coefficient}*${monomial}`
    })
    .join(' + ')
}
