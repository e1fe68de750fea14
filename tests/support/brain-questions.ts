/** Contexts and rows that brains of the studio are asked about. */

/** Labelled points of a line. */
export const XS = Array.from({ length: 20 }, (_, i) => -1.9 + 0.2 * i)
/** A context of a line. */
export const line = (slope: number, start = 0) => ({
  x: XS.map((x) => [x]),
  y: XS.map((x, i) => slope * x + start + 0.05 * Math.sin(9 * i)),
})
/** Rows that are asked for beside a line. */
export const QUERY = { x: [[-1], [0.3], [1.5]] }

/** Points around three corners. */
export const CORNERS = [
  [0, 2],
  [2, -2],
  [-2, -2],
] as const
/** A context of three clouds of points, with a label each. */
export const clouds = (labels: readonly [number, number, number]) => {
  const points = Array.from({ length: 24 }, (_, i) => {
    const [a, b] = CORNERS[i % 3]!
    return [a + 0.3 * Math.sin(5 * i), b + 0.3 * Math.cos(7 * i)]
  })
  return { x: points, labels: points.map((_, i) => labels[i % 3]!) }
}

/** Past values of a wave. */
export const HISTORY = Array.from({ length: 48 }, (_, i) => 10 + 2 * Math.sin(0.2 * i))
