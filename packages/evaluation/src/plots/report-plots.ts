/** The plots of a report. */
import { describeAnchor, type LeaderboardRow } from '../report/leaderboard.ts'
import { titleOf } from '../report/method-titles.ts'
import { METRICS, TASKS } from '../report/metrics.ts'
import type { MetricReport, QualityReport } from '../report/report.ts'
import { type IntervalRow, intervalPlot } from './interval-plot.ts'
import { scatterPlot } from './scatter-plot.ts'

/** One SVG file. */
export interface Plot {
  file: string
  title: string
  svg: string
}

/** Which method the plots of single datasets compare with: the first of these that has results on all of them. */
const RIVALS = ['catboost', 'rf', 'linear']

/** Ratings, advantage over the linear model by shape of table, and dataset by dataset against a strong method. */
export function drawPlots(report: QualityReport): Plot[] {
  const plots: Plot[] = []
  if (report.overall)
    plots.push(
      drawElo(report, `both tasks (${report.overall.datasets} tables)`, 'all', report.overall.leaderboard),
    )
  for (const task of TASKS) {
    const main = report.metrics.find(
      (metric) => metric.task === task && metric.metric.key === METRICS[task][0]!.key,
    )
    if (!main) continue
    if (main.leaderboard.length > 0)
      plots.push(
        drawElo(
          report,
          `${task} by ${main.metric.title} (${main.rows.length} tables)`,
          task,
          main.leaderboard,
        ),
      )
    if (main.bins.some(({ others }) => others.some(({ method }) => method === 'linear')))
      plots.push(drawBins(report, main))
    const rival = RIVALS.find((method) => main.methods.includes(method))
    if (rival) plots.push(drawScatter(report, main, rival))
  }
  return plots
}

function drawElo({ run }: QualityReport, what: string, name: string, rows: readonly LeaderboardRow[]): Plot {
  const title = `Elo, ${what}`
  const svg = intervalPlot({
    title,
    axis: `Elo, ${describeAnchor(rows)}; 95 % intervals over tables`,
    rows: rows.map(({ method, elo }) => ({
      label: titleOf(method),
      value: elo.value,
      interval: elo.interval,
      isOwn: method === run.model,
    })),
  })
  return { file: `elo-${name}.svg`, title, svg }
}

function drawBins({ run }: QualityReport, { task, metric, bins }: MetricReport): Plot {
  const title = `${run.model} against the linear model, ${task}`
  const rows = bins.flatMap(({ dimension, label, datasets, others }, i): IntervalRow[] => {
    const linear = others.find(({ method }) => method === 'linear')
    if (!linear) return []
    return [
      {
        label: `${dimension}: ${label} (${datasets.length})`,
        value: linear.advantage.value,
        interval: linear.advantage.interval,
        isOwn: true,
        startsGroup: dimension !== bins[i - 1]?.dimension,
      },
    ]
  })
  const axis = `${metric.title}, ${run.model} minus linear; above 0: ${run.model} is better; tables in brackets`
  return { file: `bins-${task}.svg`, title, svg: intervalPlot({ title, axis, rows, reference: 0 }) }
}

function drawScatter(
  { run }: QualityReport,
  { task, metric, methods, rows }: MetricReport,
  rival: string,
): Plot {
  const at = methods.indexOf(rival)
  const title = `${run.model} and ${titleOf(rival)} on every table, ${task}`
  const points = rows.map(({ dataset, values }) => ({ label: dataset, x: values[at]!, y: values[0]! }))
  const svg = scatterPlot({
    title,
    xAxis: `${metric.title} of ${titleOf(rival)}`,
    yAxis: `${metric.title} of ${run.model}`,
    points,
  })
  return { file: `scatter-${task}.svg`, title, svg }
}
