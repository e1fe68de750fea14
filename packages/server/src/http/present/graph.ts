/** Graphs behind tables as the routes show them. */
import type { Discovery } from '@posterior/contracts'
import type { GraphResult } from '../../domain/ports/answerer.ts'

const DEFAULT_THRESHOLD = 0.5

/** @param threshold  probability from which there is an edge */
export function describeGraph(
  { columns, probabilities, warnings }: GraphResult,
  threshold = DEFAULT_THRESHOLD,
): Discovery {
  const rows = Array.from({ length: columns }, (_, i) => [
    ...probabilities.subarray(i * columns, (i + 1) * columns),
  ])
  const isEdge = (from: number, to: number) => from !== to && rows[from]![to]! >= threshold
  const edges = rows.flatMap((row, from) =>
    row.flatMap((probability, to) => (isEdge(from, to) ? [{ from, to, probability }] : [])),
  )
  return {
    task: 'discovery',
    probabilities: rows,
    threshold,
    adjacency: rows.map((row, from) => row.map((_, to) => (isEdge(from, to) ? 1 : 0))),
    edges: edges.sort((a, b) => b.probability - a.probability),
    warnings: [...warnings],
  }
}
