/** How much a composed model holds, from its blocks alone: known before a table is read into it. */
import { type Dim, Graph, type Shape } from '@posterior/graph'
import { CHANNELS, COLUMN_ID_DIM } from '../config.ts'
import { ParameterInputs, Scope } from '../parameters.ts'
import type { CompositionConfig } from './composition.ts'
import { placedBlocks } from './composition.ts'
import { encodeBlocks } from './emit.ts'
import type { Flow } from './flow.ts'
import { targetWidth } from './layers.ts'

/** Numbers that reading `rows` labelled rows takes at its peak. */
export function encodeNumbers(config: CompositionConfig, rows: number, columns: number): number {
  const inputs = rows * (columns * CHANNELS + targetWidth(config.task))
  const peaks = placedBlocks(config).map(({ block, config: own, input }, index, all) => {
    const output = all[index + 1]?.input ?? input
    const each = Math.max(input.width, output.width, CHANNELS) * block.memory(own)
    return each * Math.max(vectorsOf(input, rows, columns), vectorsOf(output, rows, columns))
  })
  return inputs + Math.max(...peaks)
}

/** Numbers that training holds for one task: what each block keeps for its gradient, attention weights included. */
export function trainingNumbers(config: CompositionConfig, rows: number, columns: number): number {
  const numbers = placedBlocks(config).map(({ block, config: own, input }, index, all) => {
    const output = all[index + 1]?.input ?? input
    const width = Math.max(input.width, output.width, CHANNELS)
    const vectors = Math.max(vectorsOf(input, rows, columns), vectorsOf(output, rows, columns))
    const heads = typeof own['n_heads'] === 'number' ? own['n_heads'] : 1
    const cells = input.kind === 'cells' ? columns + 1 : 1
    const pairs =
      (block.reads === 'rows' ? cells * rows ** 2 : 0) + (block.mixesCells ? rows * cells ** 2 : 0)
    return Math.max(1, block.layers(own)) * (block.memory(own) * width * vectors + 2 * heads * pairs)
  })
  return numbers.reduce((a, b) => a + b, 0)
}

/** Numbers that are kept of `rows` labelled rows. */
export function contextNumbers(config: CompositionConfig, rows: number, columns: number): number {
  const sizes: Record<string, number> = { B: 1, n: rows, f: columns }
  return keptShapes(config).reduce(
    (total, shape) => total + shape.reduce<number>((product, dim) => product * sizeIn(dim, sizes), 1),
    0,
  )
}

function vectorsOf({ kind, hasTarget }: Flow, rows: number, columns: number): number {
  if (kind === 'rows') return rows
  if (kind === 'columns') return columns * columns
  return rows * (columns + (hasTarget ? 1 : 0))
}

const known = new WeakMap<CompositionConfig, readonly Shape[]>()

function keptShapes(config: CompositionConfig): readonly Shape[] {
  let shapes = known.get(config)
  if (!shapes) {
    const graph = new Graph()
    const columns = config.columns ?? 'f'
    const inputs = {
      cells: graph.input('x', ['B', 'n', columns, CHANNELS]),
      columnIds: graph.input('column_ids', ['B', columns, COLUMN_ID_DIM]),
    }
    const target = graph.input('y', ['B', 'n', targetWidth(config.task)])
    const kept = encodeBlocks(new Scope(graph, new ParameterInputs(graph)), inputs, target, config)
    shapes = Object.values(kept).map(({ shape }) => shape)
    known.set(config, shapes)
  }
  return shapes
}

/** The value of a sum of products of named sizes. */
function sizeIn(dim: Dim, sizes: Readonly<Record<string, number>>): number {
  if (typeof dim === 'number') return dim
  return dim
    .split(' + ')
    .map((term) =>
      term.split('*').reduce((product, factor) => product * (sizes[factor] ?? Number(factor)), 1),
    )
    .reduce((a, b) => a + b, 0)
}
