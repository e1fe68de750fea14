/** Rows of a label, a dot and its interval, over a common axis. */
import type { Interval } from '../statistics/bootstrap.ts'
import { dot, line, niceTicks, svgDocument, text, textWidth, tickText } from './svg.ts'

export interface IntervalRow {
  label: string
  value: number
  /** NaN where there is none. */
  interval: Interval
  /** Drawn in the colour of the judged model. */
  isOwn: boolean
  /** A space above the row, to set groups apart. */
  startsGroup?: boolean
}

export interface IntervalPlot {
  title: string
  axis: string
  rows: readonly IntervalRow[]
  /** Value at which a line is drawn, such as 0 for differences. */
  reference?: number
}

const WIDTH = 760
const RIGHT = 32
const ROW = 24
const GAP = 12
const TOP = 48

/** An SVG file. */
export function intervalPlot({ title, axis, rows, reference }: IntervalPlot): string {
  const ends = rows.flatMap(({ value, interval }) => [value, ...interval.filter((end) => !Number.isNaN(end))])
  if (reference !== undefined) ends.push(reference)
  const left = Math.max(...rows.map(({ label }) => textWidth(label))) + 28
  const ticks = niceTicks(Math.min(...ends), Math.max(...ends))
  const [low, high] = [ticks[0]!, ticks.at(-1)!]
  const x = (value: number) => left + ((value - low) / (high - low)) * (WIDTH - left - RIGHT)
  let cursor = TOP
  const placed = rows.map((row, i) => {
    if (row.startsGroup && i > 0) cursor += GAP
    cursor += ROW
    return { ...row, y: cursor - ROW / 2 }
  })
  const bottom = cursor + 6
  const body = [
    ...ticks.flatMap((tick) => [
      line([x(tick), TOP], [x(tick), bottom], 'grid'),
      text(x(tick), bottom + 18, tickText(tick, ticks), { role: 'soft', anchor: 'middle' }),
    ]),
    ...(reference === undefined ? [] : [line([x(reference), TOP], [x(reference), bottom], 'axis', 1.5)]),
    text(WIDTH / 2, bottom + 40, axis, { role: 'soft', anchor: 'middle' }),
    ...placed.flatMap(({ label, value, interval: [from, to], isOwn, y }) => [
      text(left - 12, y + 4.5, label, { anchor: 'end' }),
      ...(Number.isNaN(from) ? [] : [line([x(from), y], [x(to), y], isOwn ? 'ownline' : 'otherline', 2.5)]),
      dot(x(value), y, isOwn ? 'own' : 'other', {
        radius: 5,
        hint: `${label}: ${tickText(value, [0, 0.001])}`,
      }),
    ]),
  ]
  return svgDocument({ width: WIDTH, height: bottom + 54, title }, body)
}
