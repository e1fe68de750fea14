/** The graph of a sample held against the contract: square, as wide as its table, of 0 and 1, without cycles. */

import type { Tensor } from '../catalogue/studio-prior.ts'
import { placeOf, written } from './written-shape.ts'

/** Names of a cycle's columns that a message has. */
const SHOWN_COLUMNS = 8

/** What is wrong with a graph, in words; undefined when it is fine. All numbers are finite. */
export function graphFault(x: Tensor, graph: Tensor): string | undefined {
  const columns = x.shape[1]
  if (x.shape.length !== 2 || columns === undefined)
    return `X must be a table, its shape is ${written(x.shape)}`
  if (graph.shape.length !== 2 || graph.shape.some((size) => size !== columns)) {
    return `A must be ${columns} by ${columns}, as many as X has columns; its shape is ${written(graph.shape)}`
  }
  const at = graph.data.findIndex((value) => value !== 0 && value !== 1)
  if (at >= 0)
    return `A${placeOf(at, graph.shape)} is ${graph.data[at]}; a graph has 0 and 1 (1: the row causes the column)`
  const own = Array.from({ length: columns }, (_, i) => i).find((i) => graph.data[i * columns + i] === 1)
  if (own !== undefined) return `A[${own}][${own}] is 1; nothing causes itself`
  const cycle = cycleIn(graph.data, columns)
  if (!cycle) return undefined
  const shown = cycle.length > SHOWN_COLUMNS ? [...cycle.slice(0, SHOWN_COLUMNS), '...'] : cycle
  return `A has a cycle, columns ${[...shown, cycle[0]].join(' -> ')} (counted from 0); nothing may cause itself by way of others`
}

/** Columns of which each causes the next and the last the first; undefined when the graph is acyclic. */
function cycleIn(graph: Float64Array, columns: number): number[] | undefined {
  const path: number[] = []
  const done = new Set<number>()

  function follow(column: number): number[] | undefined {
    if (done.has(column)) return undefined
    if (path.includes(column)) return path.slice(path.indexOf(column))
    path.push(column)
    for (let effect = 0; effect < columns; effect++) {
      const cycle = graph[column * columns + effect] === 1 ? follow(effect) : undefined
      if (cycle) return cycle
    }
    path.pop()
    done.add(column)
    return undefined
  }

  for (let column = 0; column < columns; column++) {
    const cycle = follow(column)
    if (cycle) return cycle
  }
  return undefined
}
