/** Writes a report as `report.json`, `report.md` and SVG plots. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EvaluationError } from './evaluation-error.ts'
import { drawPlots } from './plots/report-plots.ts'
import { renderMarkdown, renderSummary } from './report/markdown.ts'
import type { QualityReport } from './report/report.ts'

const BEGIN = '<!-- quality: begin, written by posterior bench quality --card -->'
const END = '<!-- quality: end -->'

/** @returns the files that were written */
export function writeReport(report: QualityReport, folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  const plots = drawPlots(report)
  const files = [
    { name: 'report.json', content: `${JSON.stringify(report, null, 1)}\n` },
    { name: 'report.md', content: `${renderMarkdown(report, plots)}\n` },
    ...plots.map(({ file, svg }) => ({ name: file, content: svg })),
  ]
  for (const { name, content } of files) writeFileSync(join(folder, name), content)
  return files.map(({ name }) => join(folder, name))
}

/**
 * Replace what stands between the two marks in a model's card by the summary.
 *
 * @throws EvaluationError when the card lacks the marks
 */
export function writeCard(report: QualityReport, path: string): void {
  const card = readFileSync(path, 'utf8')
  const [begin, end] = [card.indexOf(BEGIN), card.indexOf(END)]
  if (begin < 0 || end < begin) {
    throw new EvaluationError(
      `Expected the lines\n${BEGIN}\n${END}\nin ${path}; the summary goes between them.`,
    )
  }
  const summary = `${card.slice(0, begin)}${BEGIN}\n\n${renderSummary(report)}\n\n${card.slice(end)}`
  writeFileSync(path, summary)
}
