import { expect, test } from 'vitest'
import type { BaselineResult } from '../data/baselines.ts'
import type { DatasetInfo } from '../data/datasets.ts'
import { drawPlots } from '../plots/report-plots.ts'
import type { SplitResult } from '../run/evaluate-split.ts'
import { renderMarkdown } from './markdown.ts'
import { buildReport, type ReportInput } from './report.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

function info(name: string, i: number, task: DatasetInfo['task']): DatasetInfo {
  const isClass = task === 'classification'
  return {
    name,
    file: `${name}.csv.gz`,
    task,
    rows: 200,
    features: 4 + 10 * i,
    categorical_columns: i === 0 ? ['p', 'q', 'r'] : [],
    n_classes: isClass ? 2 + i : null,
    missing_fraction: i === 1 ? 0.01 : 0,
    splits: [],
  }
}

function result(dataset: string, task: SplitResult['task'], seed: number, metrics: object): SplitResult {
  return {
    dataset,
    task,
    seed,
    trainRows: 100,
    testRows: 50,
    verified: true,
    metrics: { ...metrics, fit_seconds: 1, predict_seconds: 2 },
  }
}

const RUN = { model: 'mine', version: '1.0.0', checksum: 'abc', estimators: 4, trainRows: null }
const INPUT: ReportInput = {
  run: RUN,
  datasets: [
    ...NAMES.map((name, i) => info(name, i, 'classification')),
    ...NAMES.map((name, i) => info(`${name}r`, i, 'regression')),
  ],
  results: NAMES.flatMap((name, i) => [
    result(name, 'classification', 0, { auc: 0.8 + i / 100, logloss: 0.5, accuracy: 0.7 }),
    result(name, 'classification', 1, { auc: 0.6 + i / 100, logloss: 0.5, accuracy: 0.7 }),
    result(`${name}r`, 'regression', 0, {
      r2: 0.5,
      rmse: 2,
      mae: 1,
      crps: 1,
      coverage80: 0.7,
      coverage90: 0.9,
    }),
  ]),
  baselines: NAMES.flatMap((name, i): BaselineResult[] => [
    { dataset: name, model: 'rf', seed: 0, auc: 0.7, logloss: 0.4, accuracy: 0.7 },
    { dataset: name, model: 'rf', seed: 1, auc: 0.7, logloss: 0.4, accuracy: 0.7 },
    { dataset: name, model: 'rf', seed: 2, auc: 0, logloss: 9, accuracy: 0 },
    { dataset: name, model: 'linear', seed: 0, auc: 0.6, logloss: 0.4, accuracy: 0.7 },
    ...(i < 2 ? [{ dataset: name, model: 'linear', seed: 1, auc: 0.6, logloss: 0.4, accuracy: 0.7 }] : []),
    { dataset: `${name}r`, model: 'rf', seed: 0, r2: 0.4, rmse: 4, mae: 1 },
    { dataset: `${name}r`, model: 'quantiles', seed: 0, crps: 2 },
  ]),
  protocols: [],
  bootstrap: { draws: 200, seed: 0 },
}

const report = buildReport(INPUT)
const metric = (key: string) => report.metrics.find((entry) => entry.metric.key === key)!

test('each dataset counts once, as the mean of the seeds that were run, on both sides', () => {
  const auc = metric('auc')
  expect(auc.methods).toEqual(['mine', 'rf'])
  expect(auc.rows[0]!.values[0]).toBeCloseTo(0.7, 12)
  const [best] = auc.leaderboard
  expect(best).toMatchObject({ method: 'mine' })
  expect(best!.mean!.value).toBeCloseTo(0.72, 12)
  expect(best!.rank.value).toBeCloseTo((1.5 + 4) / 5, 12)
  expect(auc.leaderboard[1]!.mean!.value).toBeCloseTo(0.7, 12)
})

test('a method without all splits is compared on those that it has, and not ranked', () => {
  const pair = metric('auc').pairs.find(({ method }) => method === 'linear')!
  expect(pair).toMatchObject({ datasets: 5, splits: 7, wins: 5, draws: 0, losses: 0 })
  // Two tables with both seeds, .1 and .11 above; three with seed 0 alone, .22, .23 and .24.
  expect(pair.difference!.value).toBeCloseTo((0.1 + 0.11 + 0.22 + 0.23 + 0.24) / 5, 12)
  expect(metric('auc').leaderboard.map(({ method }) => method)).not.toContain('linear')
})

test('metrics in the unit of the target are compared by ratio', () => {
  const pair = metric('rmse').pairs.find(({ method }) => method === 'rf')!
  expect(pair.ratio!.value).toBeCloseTo(0.5, 12)
  expect(pair.difference).toBeUndefined()
  expect(metric('crps').pairs).toMatchObject([{ method: 'quantiles', wins: 5, losses: 0 }])
  expect(metric('mae').pairs).toMatchObject([{ method: 'rf', draws: 5 }])
})

test('both tasks together rank the methods that have all of them', () => {
  expect(report.overall!.datasets).toBe(10)
  expect(report.overall!.leaderboard.map(({ method }) => method)).toEqual(['mine', 'rf'])
  const [mine, rf] = report.overall!.leaderboard
  expect(mine!.winRate.value).toBeCloseTo(9.5 / 10, 12)
  expect(rf!.elo).toEqual({ value: 1000, interval: [1000, 1000] })
  // Odds of 9.5 to 0.5 and one virtual draw: 10 to 1.
  expect(mine!.elo.value).toBeCloseTo(1400, 4)
})

test('bins hold the datasets of their shape', () => {
  const bins = metric('auc').bins
  const of = (dimension: string) =>
    bins.filter((bin) => bin.dimension === dimension).map(({ label, datasets }) => [label, datasets.join('')])
  expect(of('training rows')).toEqual([['up to 300', 'abcde']])
  expect(of('features')).toEqual([
    ['up to 10', 'a'],
    ['11 to 24', 'bc'],
    ['25 to 50', 'de'],
  ])
  expect(of('classes')).toEqual([
    ['2', 'a'],
    ['3 to 5', 'bcd'],
    ['6 to 10', 'e'],
  ])
  expect(of('categorical features')).toEqual([
    ['none', 'bcde'],
    ['more than half', 'a'],
  ])
  expect(of('missing cells')).toEqual([
    ['none', 'acde'],
    ['up to 5 %', 'b'],
  ])
  expect(bins[0]!.others).toMatchObject([{ method: 'rf', wins: 4.5 }])
  // A loss is turned, so that above 0 the judged model is better.
  expect(metric('logloss').bins[0]!.others[0]!.advantage.value).toBeCloseTo(-0.1, 12)
})

test('the Markdown has whole tables, and says when a split is not that of the baselines', () => {
  const text = renderMarkdown(report, [{ file: 'elo.svg', title: 'Elo' }])
  expect(text).toContain('| random forest | 0.7000 [0.7000, 0.7000] | 0.7000 |')
  expect(text).toContain('hold the true value in 70.0 % and 90.0 %')
  expect(text).toContain('![Elo](elo.svg)')
  expect(text).not.toMatch(/NaN|undefined|Infinity/)
  const tables = text.split('\n').filter((row) => row.startsWith('|'))
  expect(tables.every((row) => row.endsWith(' |'))).toBe(true)
  const [first, ...rest] = INPUT.results
  const doubtful = buildReport({ ...INPUT, results: [{ ...first!, verified: false }, ...rest] })
  expect(renderMarkdown(doubtful, [])).toContain('not comparable: a, seed 0.')
})

test('plots are complete SVG with a title for readers who do not see them', () => {
  const plots = drawPlots(report)
  expect(plots.map(({ file }) => file)).toEqual([
    'elo-all.svg',
    'elo-classification.svg',
    'scatter-classification.svg',
    'elo-regression.svg',
    'scatter-regression.svg',
  ])
  for (const { svg, title } of plots) {
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*>/)
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true)
    expect(svg).toContain(`<title>${title}</title>`)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(svg.match(/<(text|svg|style)\b/g)!.length).toBe(svg.match(/<\/(text|svg|style)>/g)!.length)
  }
})

test('one task alone has no ranking of both', () => {
  const alone = buildReport({
    ...INPUT,
    results: INPUT.results.filter(({ task }) => task === 'regression'),
  })
  expect(alone.overall).toBeUndefined()
  expect(alone.metrics.every(({ task }) => task === 'regression')).toBe(true)
})

test('methods that have all of one task alone do not make a ranking of both', () => {
  const baselines = INPUT.baselines.filter(({ dataset, model }) => model !== 'rf' || dataset !== 'er')
  const without = buildReport({ ...INPUT, baselines })
  expect(without.overall).toBeUndefined()
  expect(without.metrics.find(({ metric }) => metric.key === 'auc')!.leaderboard).toHaveLength(2)
  expect(without.metrics.find(({ metric }) => metric.key === 'r2')!.leaderboard).toEqual([])
})
