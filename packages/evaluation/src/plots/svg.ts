/**
 * The few parts that the report's plots need. Colours follow the reader's light or dark setting; the background is drawn, so
 * that a plot is legible on any page.
 */

/** Names of the colours that shapes may use as classes. */
const STYLE = `
.bg { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e } .own { fill: #0b62c4 } .other { fill: #59636e }
.grid { stroke: #d8dee4 } .axis { stroke: #59636e } .ownline { stroke: #0b62c4 } .otherline { stroke: #7d8590 }
text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif } .title { font-size: 15px; font-weight: 600 }
@media (prefers-color-scheme: dark) {
.bg { fill: #0d1117 } .ink { fill: #e6edf3 } .soft { fill: #9198a1 } .own { fill: #6cb6ff } .other { fill: #9198a1 }
.grid { stroke: #2a313c } .axis { stroke: #9198a1 } .ownline { stroke: #6cb6ff } .otherline { stroke: #7d8590 }
}`.trim()

export interface Frame {
  width: number
  height: number
  /** Shown, and read out for the whole picture. */
  title: string
}

/** A whole SVG file. */
export function svgDocument({ width, height, title }: Frame, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="bg" width="${width}" height="${height}"/>`,
    text(16, 26, title, { role: 'ink title' }),
    ...body,
    '</svg>',
    '',
  ].join('\n')
}

/** A line; `role` is a class of the style. */
export function line(
  from: readonly [number, number],
  to: readonly [number, number],
  role: string,
  width = 1,
): string {
  const [[x1, y1], [x2, y2]] = [from.map(round), to.map(round)] as [number[], number[]]
  return `<line class="${role}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke-width="${width}"/>`
}

/** A dot; `hint` is shown when the pointer rests on it. */
export function dot(x: number, y: number, role: string, { radius = 4, hint = '' } = {}): string {
  const inner = hint ? `<title>${escapeXml(hint)}</title>` : ''
  return `<circle class="${role}" cx="${round(x)}" cy="${round(y)}" r="${radius}">${inner}</circle>`
}

/** Text whose baseline is at y. */
export function text(
  x: number,
  y: number,
  content: string,
  { role = 'ink', anchor = 'start' }: { role?: string; anchor?: 'start' | 'middle' | 'end' } = {},
): string {
  return `<text class="${role}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

/** About how wide a text is drawn, in pixels; no narrower than it is in common fonts. */
export function textWidth(content: string): number {
  return 7.4 * content.length
}

/** Round numbers (1, 2 or 5 times a power of ten apart) that span the values, about `count` of them. */
export function niceTicks(low: number, high: number, count = 6): number[] {
  const span = high - low || Math.abs(high) || 1
  const power = 10 ** Math.floor(Math.log10(span / count))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= count)!
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** A number as an axis shows it: as many decimals as the ticks need. */
export function tickText(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
}

function escapeXml(content: string): string {
  return content.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function round(value: number): number {
  return Number(value.toFixed(1))
}
