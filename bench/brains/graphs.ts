/** A brain of graphs on held-out tables, judged as `graph_recovery` judges it, beside scores that need no learning. */
import { join } from 'node:path'
import type { DiscoveryTask } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { drawHeldOutTables, rowsOf, scoreGraph } from '@posterior/training'
import { benchPredictor } from './ask.ts'
import {
  correlation,
  equalVariances,
  type PairScores,
  partialCorrelation,
  trueSkeleton,
} from './graph-references.ts'
import type { Estimate, GraphResult } from './results.ts'
import { trainingCost } from './train-brain.ts'

/** What sees the units, or the truth, and is no rival therefore. */
const SEES_UNITS = 'equal variances'
const SEES_TRUTH = 'true skeleton'
const REFERENCES: Readonly<Record<string, (table: DiscoveryTask) => PairScores>> = {
  correlation,
  'partial correlation': partialCorrelation,
  [SEES_TRUTH]: trueSkeleton,
  [SEES_UNITS]: equalVariances,
}
/** Coefficients from here on are edges; the weakest effect of these priors is twice as large. */
const LEAST_COEFFICIENT = 0.25

/** @param folder of the run */
export async function measureGraphs(
  slug: string,
  folder: string,
  size: { readonly batches: number; readonly datasets: number },
): Promise<Omit<GraphResult, 'machine' | 'note'>> {
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const tables = await drawHeldOutTables(prior, size)
  const areas: Record<string, number[]> = {}
  const distances: Record<string, number[]> = {}
  const add = (to: Record<string, number[]>, who: string, value: number) => {
    to[who] = [...(to[who] ?? []), value]
  }
  const predictor = benchPredictor()
  try {
    for (const table of tables) {
      const model = { folder: join(folder, 'model') }
      const { probabilities } = await predictor.discover({ model, x: rowsOf(table) })
      const brain = judge(table, probabilities)
      add(areas, 'brain', brain.auroc)
      add(distances, 'brain', brain.shd)
      add(distances, 'no edges', brain.edges)
      for (const [who, scoresOf] of Object.entries(REFERENCES)) {
        const scores = scoresOf(table)
        add(areas, who, judge(table, scores).auroc)
        if (who !== SEES_UNITS) continue
        const edges = Float64Array.from(scores, (score) => (score >= LEAST_COEFFICIENT ? 1 : 0))
        add(distances, who, judge(table, edges).shd)
      }
    }
  } finally {
    await predictor.close()
  }
  const measured = areas['brain']!.map((_, at) => at).filter((at) => !Number.isNaN(areas['brain']![at]!))
  const kept = Object.entries(areas).map(([who, all]) => [who, measured.map((at) => all[at]!)] as const)
  const estimates = kept.map(([who, all]) => [who, estimate(all)] as const)
  const rivals = estimates.filter(([who]) => !['brain', SEES_UNITS, SEES_TRUTH].includes(who))
  const [best] = rivals.reduce((a, b) => (b[1].mean > a[1].mean ? b : a))
  const byWho = Object.fromEntries(kept)
  return {
    slug,
    ...(await trainingCost(folder)),
    heldOutTables: tables.length,
    tablesWithArea: measured.length,
    auroc: Object.fromEntries(estimates),
    shd: Object.fromEntries(Object.entries(distances).map(([who, all]) => [who, estimate(all)])),
    gain: estimate(byWho['brain']!.map((area, at) => area - byWho[best]![at]!)),
  }
}

function judge({ graph }: DiscoveryTask, scores: PairScores) {
  return scoreGraph(graph, scores, scores)
}

/** 95 % bootstrap interval over tables. */
function estimate(values: readonly number[]): Estimate {
  const random = Random.fromSeed('bootstrap')
  const means = Float64Array.from({ length: 1000 }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[random.int(0, values.length)]!
    return sum / values.length
  }).sort()
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: means[25]!,
    high: means[974]!,
  }
}
