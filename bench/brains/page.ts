/** docs/reference/brains.md, from what was measured. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { graphSection } from './graph-section.ts'
import { fixed, percent, table } from './markdown.ts'
import {
  type BrainResult,
  type ForecastResult,
  type GraphResult,
  type Machine,
  readForecast,
  readGraphs,
  readResults,
} from './results.ts'

const PAGE = fileURLToPath(new URL('../../docs/reference/brains.md', import.meta.url))
/** What a brain's loss may be, as a multiple of its oracle's. */
const TARGET = 1.25
const LIMIT_SECONDS = 1200

/** Write the page from the results that there are. */
export function writePage(): void {
  writeFileSync(PAGE, pageOf(readResults(), readGraphs(), readForecast()))
}

/** Markdown of the page. */
export function pageOf(
  results: readonly BrainResult[],
  graphs: readonly GraphResult[],
  forecast?: ForecastResult,
): string {
  return `${[
    '# How good brains are',
    '',
    '<!-- Written by bench/brains.ts from bench/brains/results.json; do not edit. -->',
    '',
    ...INTRODUCTION,
    '',
    ...table(
      [
        'prior',
        'processor seconds',
        'steps',
        'brain',
        'one pass',
        'oracle',
        'brain / oracle',
        '95 %',
        'no features',
        'linear',
      ],
      results.map((r) => [
        nameOf(r),
        String(r.processorSeconds),
        String(r.steps),
        fixed(r.brain, 4),
        fixed(r.onePass ?? r.brain, 4),
        `${fixed(r.oracle, 4)} (${r.oracleStrength})`,
        `**${fixed(r.ratio, 3)}**${r.ratio > TARGET ? ' (missed)' : ''}`,
        `${fixed(r.ratioLow, 3)} to ${fixed(r.ratioHigh, 3)}`,
        fixed(r.withoutFeatures, 4),
        fixed(r.linear, 4),
      ]),
    ),
    '',
    ...COLUMNS,
    '',
    ...notesOf(results),
    '## Behaviour',
    '',
    ...BEHAVIOUR,
    '',
    ...table(
      [
        'prior',
        '80 % interval',
        '90 % interval',
        'calibration error',
        'alone',
        'unit of y',
        'unit of x',
        'shuffled',
      ],
      results.map(({ behaviour: b, ...r }) => [
        nameOf(r),
        percent(b.coverage80),
        percent(b.coverage90),
        b.calibrationError === null ? '' : fixed(b.calibrationError, 3),
        b.alone.toExponential(0),
        b.targetUnit.toExponential(0),
        b.columnUnit.toExponential(0),
        fixed(b.shuffledContext, 2),
      ]),
    ),
    '',
    '## Oracles',
    '',
    ...table(
      ['prior', 'held-out tasks', 'how the oracle answers'],
      results.filter(({ blocks }) => !blocks).map((r) => [nameOf(r), String(r.heldOutTasks), r.oracleMethod]),
    ),
    '',
    ...(graphs.length > 0 ? graphSection(graphs) : []),
    ...(forecast ? forecastSection(forecast) : []),
    '## Machine',
    '',
    ...table(
      ['prior', 'day', 'processor', 'cores', 'memory', 'Node', 'ONNX Runtime', 'load'],
      [
        ...results.map((r) => [nameOf(r), ...machineCells(r.machine)]),
        ...graphs.map((r) => [nameOf(r), ...machineCells(r.machine)]),
        ...(forecast ? [['`calendar-forecast`', ...machineCells(forecast.machine)]] : []),
      ],
    ),
  ].join('\n')}\n`
}

const INTRODUCTION = [
  'For each prior below, a brain of size `quick` was trained by the default recipe ([Training runs](../guide/studio-runs.md)) and compared with the best possible answer',
  `on held-out tasks. A brain is meant to reach at most ${TARGET} times the loss of its oracle within ten minutes of two cores, which is at most ${LIMIT_SECONDS.toLocaleString('en')} processor seconds:`,
  'the budget is counted in processor time of the training process, so that what else the machine does changes nothing but the wait. Where fewer were enough, fewer were spent.',
  '',
  '```sh',
  'node bench/brains.ts                                # all, 1,200 processor seconds each',
  'node bench/brains.ts coin-flip --seconds 300        # one of them',
  'node bench/brains.ts linear-regression --composed --seconds 300',
  'node bench/discovery.ts                             # brains of graphs',
  '```',
  '',
  'No held-out task can have been trained on: `heldOutBatches` in `packages/training/src/run/prior-plan.ts` draws them from streams that are named apart from those of every training seed,',
  'and a test compares the states of both.',
]

const COLUMNS = [
  'Losses are means over tasks: cross-entropy in nats, or the CRPS of the whole distribution in standard deviations of the labelled rows. *Brain* are the answers that callers get, for classes of',
  'small contexts the mean of four members; *one pass* is the model alone. *No features* answers every row with the class',
  'frequencies or the distribution of the labelled rows; *linear* is least squares with normal noise, or linear discriminants. *95 %* is a bootstrap interval of the ratio over tasks.',
]

const BEHAVIOUR = [
  'Asked through the engine, as the Predict API does. *80 %* and *90 % interval*: share of the truths within. *Calibration error*: mean distance between the probability of the likeliest class',
  'and how often it came true, in ten bins. *Alone*: largest change of an answer when a row is asked alone instead of among all of its task. *Unit of y*: the same when the target is multiplied',
  'by 1,000 and moved by 50,000 (classes: renamed in another order) and the answer changed back. *Unit of x*: the same when all columns are multiplied by 8 and moved by 50. *Shuffled*: mean change when the targets of the',
  'context are shuffled, which shows that the answer is read from them. All in standard deviations of the labelled rows, or in probability; 1e-6 is the rounding of float32.',
]

/** The prior, and that the model is composed where it is. */
function nameOf({ slug, blocks }: Pick<BrainResult, 'slug' | 'blocks'>): string {
  return `\`${slug}\`${blocks ? ', composed' : ''}`
}

function notesOf(results: readonly BrainResult[]): string[] {
  const notes = results.flatMap((r) => {
    const blocks = r.blocks && `The model is composed: ${r.blocks}.`
    const said = [blocks, r.note].filter(Boolean).join(' ')
    return said ? [`- ${nameOf(r)}: ${said}`] : []
  })
  return notes.length > 0 ? [...notes, ''] : []
}

const FORECASTERS = ['brain', 'mini, by calendar', 'mini, by lags', 'seasonal naive', 'drift']

function forecastSection({ rows, horizon, processorSeconds, steps }: ForecastResult): string[] {
  return [
    '## Forecasts',
    '',
    `A brain of \`calendar-forecast\` (${processorSeconds} processor seconds, ${steps} steps) beside simple forecasts and the \`mini\` model, by \`node bench/forecast.ts\`: MASE of ${horizon} steps, the mean absolute error over`,
    'that of repeating the last season within the history; below 1 is better than that. *Held out* are series of the prior that no run trains on; the others are public domain,',
    'from the data sets of statsmodels 0.15.0 (`bench/brains/series.json`), each forecast from several origins. *80 %*: share of the values within the 80 % interval of the brain.',
    '',
    ...table(
      ['series', 'forecasts', ...FORECASTERS, '80 %'],
      rows.map(({ name, forecasts, scores }) => [
        name,
        String(forecasts),
        ...FORECASTERS.map((who) => fixed(scores[who]!, 2)),
        percent(scores['coverage80']!),
      ]),
    ),
    '',
  ]
}

function machineCells(m: Machine): string[] {
  return [m.date, m.processor, String(m.cores), `${m.memoryGiB} GiB`, m.node, m.onnxruntime, fixed(m.load, 1)]
}
