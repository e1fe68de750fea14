import { expect, test } from 'vitest'
import { heldOutBatches } from '../run/prior-plan.ts'
import { graphRecovery, scoreGraph } from './graph-scorer.ts'
import type { ScoringContext } from './score.ts'

// 0 -> 1 -> 2, and 3 alone.
const GRAPH = [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
const NOTHING = new Array(16).fill(0)

test('the graph itself has all of the area and no distance; no graph has the distance of its edges', () => {
  expect(scoreGraph(GRAPH, GRAPH, NOTHING)).toEqual({ auroc: 1, shd: 0, correlation: 0.5, edges: 2 })
  expect(scoreGraph(GRAPH, NOTHING, GRAPH)).toEqual({ auroc: 0.5, shd: 2, correlation: 1, edges: 2 })
})

test('an edge that is turned, missing or too much counts once', () => {
  const turned = [0, 0, 0, 0, 0.9, 0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0.8, 0]
  // 0-1 turned, 1-2 missing, 2-3 too much in both directions.
  expect(scoreGraph(GRAPH, turned, NOTHING).shd).toBe(3)
  const below = GRAPH.map((edge) => 0.49 * edge)
  expect(scoreGraph(GRAPH, below, NOTHING)).toMatchObject({ auroc: 1, shd: 2 })
  expect(scoreGraph(NOTHING, GRAPH, GRAPH)).toMatchObject({ auroc: Number.NaN, shd: 2, edges: 0 })
})

function context(id: string, probability: number): { context: ScoringContext; asked: number[] } {
  const asked: number[] = []
  const brain = {
    discover: async ({ x }: { x: { columns: number } }) => {
      asked.push(x.columns)
      return { probabilities: new Float64Array(x.columns ** 2).fill(probability) }
    },
  }
  const prior = { kind: 'catalogue', id, overrides: {} } as const
  const cache = { run: new Map(), weights: new Map() }
  return { context: { brain: brain as never, prior, cache, tables: undefined, pause: async () => {} }, asked }
}

test('held-out tables of the prior are asked about, and each number says where it comes from', async () => {
  const { context: given, asked } = context('linear_scm', 0.1)
  const { metrics, meta } = await graphRecovery(given)
  const prior = { kind: 'catalogue', id: 'linear_scm', overrides: {} } as const
  const widths = heldOutBatches(prior, { batches: 8, datasets: 4 }).flatMap(({ spec }) =>
    new Array(spec.batch).fill(spec.features),
  )
  expect(asked).toEqual(widths)
  expect([metrics['auroc'], metrics['shd']]).toEqual([0.5, metrics['empty_shd']])
  expect(metrics['empty_shd']).toBeGreaterThan(1)
  // Columns that cause one another go together, whichever of the two causes the other.
  expect(metrics['correlation_auroc']).toBeGreaterThan(0.55)
  expect(meta).toMatchObject({ threshold: 0.5, tasks: widths.length, prior: 'linear-scm' })
  expect(Object.keys(meta['sources'] as object)).toEqual(Object.keys(metrics))
}, 60_000)

test('a brain that answers rows is not measured', async () => {
  await expect(graphRecovery(context('coin_flip', 0.1).context)).rejects.toThrow('this brain answers rows')
})
