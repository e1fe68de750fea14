/** One dot per dataset: the judged model against another method, with the line on which both are equal. */
import { dot, line, niceTicks, svgDocument, text, tickText } from './svg.ts'

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

const SIZE = 520
const LEFT = 70
const TOP = 64
const BOTTOM = 58
const RIGHT = 28

/** An SVG file; both axes have the same scale. Dots above the line: the method of the y axis has the higher value. */
export function scatterPlot({ title, xAxis, yAxis, points }: ScatterPlot): string {
  const values = points.flatMap(({ x, y }) => [x, y])
  const ticks = niceTicks(Math.min(...values), Math.max(...values))
  const [low, high] = [ticks[0]!, ticks.at(-1)!]
  const at = (value: number, from: number, to: number) => from + ((value - low) / (high - low)) * (to - from)
  const height = TOP + (SIZE - LEFT - RIGHT) + BOTTOM
  const x = (value: number) => at(value, LEFT, SIZE - RIGHT)
  const y = (value: number) => at(value, height - BOTTOM, TOP)
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
  ]
  return svgDocument({ width: SIZE, height, title }, body)
}
