/** Places and shapes of arrays, as messages write them. */

/** Such as `[1][0]`, of a number by its place in a row-major array. */
export function placeOf(flat: number, shape: readonly number[]): string {
  let rest = flat
  let place = ''
  for (const size of [...shape].reverse()) {
    place = `[${rest % size}]${place}`
    rest = Math.floor(rest / size)
  }
  return place
}

/** Such as `(2, 3)`. */
export function written(shape: readonly number[]): string {
  return `(${shape.join(', ')})`
}
