/** One dot per dataset: the judged model against another method, with the line on which both are equal. */
import { dot, line, niceTicks, svgDocument, text, textWidth, tickText } from './svg.ts'

export interface ScatterPoint {
  label: string
  x: number
  y: number
}

export interface ScatterPlot {
  title: string
  xAxis: string
  yAxis: string
  points: readonly ScatterPoint[]
}

/** This many dots, those furthest from the line, carry their names. */
const NAMED = 5

const SIZE = 520
const LEFT = 70
const TOP = 64
const BOTTOM = 58
const RIGHT = 28
/** Room for names on the right. */
const MARGIN = 90

interface Named {
  label: string
  x: number
  y: number
  isAbove: boolean
}

/** Names away from the line where there is room, else on the other side; one that would cover another is left out. */
function placeNames(points: readonly Named[]): string[] {
  const taken: { from: number; to: number; y: number }[] = []
  return points.flatMap(({ label, x, y, isAbove }) => {
    const width = textWidth(label)
    const toLeft = isAbove ? x - 8 - width > LEFT : x + 8 + width > SIZE + MARGIN
    const from = toLeft ? x - 8 - width : x + 8
    const box = { from, to: from + width, y: y + (isAbove ? -4 : 13) }
    const isCovered = (other: typeof box) =>
      other.from < box.to && box.from < other.to && Math.abs(other.y - box.y) < 14
    if (taken.some(isCovered)) return []
    taken.push(box)
    return [text(toLeft ? x - 8 : x + 8, box.y, label, { role: 'soft', anchor: toLeft ? 'end' : 'start' })]
  })
}

/**
 * An SVG file; both axes have the same scale. A dot above the line: the method of the vertical axis has the higher value.
 */
export function scatterPlot({ title, xAxis, yAxis, points }: ScatterPlot): string {
  const values = points.flatMap(({ x, y }) => [x, y])
  const ticks = niceTicks(Math.min(...values), Math.max(...values))
  const [low, high] = [ticks[0]!, ticks.at(-1)!]
  const at = (value: number, from: number, to: number) => from + ((value - low) / (high - low)) * (to - from)
  const height = TOP + (SIZE - LEFT - RIGHT) + BOTTOM
  const x = (value: number) => at(value, LEFT, SIZE - RIGHT)
  const y = (value: number) => at(value, height - BOTTOM, TOP)
  const distance = (point: ScatterPoint) => Math.abs(point.y - point.x)
  const named = points.toSorted((a, b) => distance(b) - distance(a)).slice(0, NAMED)
  const body = [
    text(16, 48, `vertical: ${yAxis}`, { role: 'soft' }),
    ...ticks.flatMap((tick) => [
      line([x(tick), TOP], [x(tick), height - BOTTOM], 'grid'),
      line([LEFT, y(tick)], [SIZE - RIGHT, y(tick)], 'grid'),
      text(x(tick), height - BOTTOM + 20, tickText(tick, ticks), { role: 'soft', anchor: 'middle' }),
      text(LEFT - 10, y(tick) + 4.5, tickText(tick, ticks), { role: 'soft', anchor: 'end' }),
    ]),
    line([x(low), y(low)], [x(high), y(high)], 'axis', 1.5),
    text((LEFT + SIZE - RIGHT) / 2, height - 14, `horizontal: ${xAxis}`, { role: 'soft', anchor: 'middle' }),
    ...points.map((point) =>
      dot(x(point.x), y(point.y), 'own', {
        hint: `${point.label}: ${point.y.toFixed(4)} against ${point.x.toFixed(4)}`,
      }),
    ),
    ...placeNames(
      named.map((point) => ({ ...point, x: x(point.x), y: y(point.y), isAbove: point.y > point.x })),
    ),
  ]
  return svgDocument({ width: SIZE + MARGIN, height, title }, body)
}
