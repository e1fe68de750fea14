/** `calibration`: whether intervals hold as many targets, and classes are right as often, as the brain says. */
import { targetScale } from '@posterior/prior'
import { mean } from '../run/evaluation.ts'
import { declarationOf } from '../run/single-prior.ts'
import { askClasses } from './classification-scorer.ts'
import { describeHeldOut, LEVELS, requireSingle } from './held-out-tasks.ts'
import { askNumbers } from './regression-scorers.ts'
import type { Metrics, Scorer, ScoringContext } from './score.ts'

/** Central intervals, in per cent. */
const INTERVALS = [50, 80, 90, 95] as const
const BINS = 10

export const calibration: Scorer = (context) =>
  declarationOf(requireSingle(context.prior)).task === 'classification'
    ? ofClasses(context)
    : ofNumbers(context)

async function ofNumbers(context: ScoringContext) {
  const asked = await askNumbers(context)
  const metrics: Record<string, number> = {}
  const gaps: number[] = []
  for (const percent of INTERVALS) {
    const [from, to] = boundsOf(percent)
    const shares = asked.map(({ task, answer }) => {
      let inside = 0
      for (let i = 0; i < task.test; i++) {
        const y = task.y[task.train + i]!
        if (y >= answer.quantiles[from]![i]! && y <= answer.quantiles[to]![i]!) inside++
      }
      return inside / task.test
    })
    metrics[`coverage_${percent}`] = mean(shares)
    gaps.push(Math.abs(mean(shares) - percent / 100))
  }
  const [from, to] = boundsOf(90)
  metrics['coverage_gap'] = mean(gaps)
  metrics['width_90'] = mean(
    asked.map(({ task, answer }) => {
      const widths = Array.from(answer.quantiles[to]!, (high, i) => high - answer.quantiles[from]![i]!)
      return mean(widths) / targetScale(task).scale
    }),
  )
  const sources = {
    coverage_90: 'share of targets between the quantiles 0.05 and 0.95 of the brain; others alike',
    coverage_gap: `mean distance of the ${INTERVALS.length} coverages from what they should be`,
    width_90: 'mean width of those intervals, in standard deviations of the labelled targets',
  }
  return { metrics: metrics as Metrics, meta: { ...describeHeldOut(context.prior, asked.length), sources } }
}

/** Indices of the ends of a central interval among the levels. */
function boundsOf(percent: number): [number, number] {
  const from = LEVELS.findIndex((level) => Math.abs(level - (1 - percent / 100) / 2) < 1e-9)
  return [from, LEVELS.length - 1 - from]
}

async function ofClasses(context: ScoringContext) {
  const asked = await askClasses(context)
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, confidence: 0, right: 0 }))
  let brier = 0
  for (const { labels, answer } of asked) {
    const { length: classes } = answer.classes
    for (const [i, label] of labels.entries()) {
      const row = answer.probabilities.subarray(i * classes, (i + 1) * classes)
      const confidence = Math.max(...row)
      const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!
      bin.rows++
      bin.confidence += confidence
      bin.right += row.indexOf(confidence) === label ? 1 : 0
      row.forEach((p, k) => {
        brier += (p - (k === label ? 1 : 0)) ** 2
      })
    }
  }
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0)
  const total = (of: 'confidence' | 'right') => bins.reduce((sum, bin) => sum + bin[of], 0) / rows
  return {
    metrics: {
      ece: bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / rows,
      mean_confidence: total('confidence'),
      accuracy: total('right'),
      brier: brier / rows,
    },
    meta: {
      ...describeHeldOut(context.prior, asked.length),
      rows,
      sources: {
        ece: `expected calibration error of the largest probability, over ${BINS} equal bins`,
        brier:
          'squared distance of the probabilities from the true class, summed over classes, mean over rows',
      },
    },
  }
}
