/**
 * Models that are composed of blocks: an ordered list that begins with a table and ends with one head. Everything is
 * checked here, before a graph is built or a weight allocated.
 */
import { MODEL_TASKS, type ModelTask } from '../config.ts'
import type { Block, ConfiguredBlock } from './block.ts'
import { readFields } from './fields.ts'
import { ANSWER_OF, FLOW_NAMES, type Flow, type FlowKind } from './flow.ts'
import { BLOCKS, requireBlock } from './registry.ts'

export interface CompositionConfig {
  readonly architecture: 'composition-1'
  readonly task: ModelTask
  /** Features per row that it takes; null for any number. */
  readonly columns: number | null
  readonly blocks: readonly ConfiguredBlock[]
}

/** A block as a model file writes it. */
export interface WrittenBlock {
  readonly type: string
  readonly config?: Readonly<Record<string, unknown>> | null | undefined
}

/** A composition that cannot be; the message names the block. */
export class CompositionError extends RangeError {
  override readonly name = 'CompositionError'
  /** Index of the block in the list, or undefined when the list as a whole is at fault. */
  readonly index: number | undefined

  constructor(message: string, index?: number) {
    super(message)
    this.index = index
  }
}

export const MAX_BLOCKS = 32
/** Layers of all blocks together. */
export const MAX_LAYERS = 64

/** A block with its configuration, and what reaches it. */
export interface PlacedBlock {
  readonly block: Block
  readonly config: ConfiguredBlock['config']
  readonly input: Flow
}

/**
 * Check a list of blocks and complete their configurations.
 *
 * @param columns  features per row when they are known
 * @throws CompositionError that names the block, what it was given and what it must be
 */
export function compose(written: readonly WrittenBlock[], columns: number | null = null): CompositionConfig {
  if (written.length === 0) throw new CompositionError('a model needs at least one block')
  if (written.length > MAX_BLOCKS) {
    throw new CompositionError(`a model has at most ${MAX_BLOCKS} blocks, this one has ${written.length}`)
  }
  const read = written.map(readBlock)
  const task = taskOf(read)
  const placed = place(read, task, columns)
  checkLayers(placed)
  checkContext(placed, task)
  return {
    architecture: 'composition-1',
    task,
    columns: placed.at(-1)!.input.columns,
    blocks: placed.map(({ block, config }) => ({ type: block.type, config })),
  }
}

/** The blocks of a composition with what reaches each. @throws CompositionError as `compose` */
export function placedBlocks({ blocks, task, columns }: CompositionConfig): PlacedBlock[] {
  return place(blocks.map(readBlock), task, columns)
}

/**
 * Check a composition that comes from a file.
 *
 * @throws CompositionError
 */
export function validateComposition(config: CompositionConfig): CompositionConfig {
  const { blocks, columns, task } = config
  if (!Array.isArray(blocks)) throw new CompositionError('blocks must be a list')
  if (columns !== null && !(Number.isInteger(columns) && columns >= 1)) {
    throw new CompositionError(
      `columns must be a whole number of at least 1, or null, it is ${String(columns)}`,
    )
  }
  const composed = compose(blocks, columns)
  if (composed.task !== task) {
    throw new CompositionError(`the blocks are made for ${composed.task}, task is "${String(task)}"`)
  }
  if (composed.columns !== columns) {
    throw new CompositionError(`the blocks take ${composed.columns} columns, columns is ${columns}`)
  }
  if (columns === null && needsColumns(composed)) {
    throw new CompositionError('the blocks take rows of one width, and columns does not say which')
  }
  return composed
}

/** Whether the number of columns has to be known before there is anything to train. */
export function needsColumns({ blocks }: Pick<CompositionConfig, 'blocks'>): boolean {
  return blocks.some(({ type }) => requireBlock(type).needsColumns)
}

/** How a block is called in messages: its place, from 1, and its type. */
export function blockLabel(index: number, type: string): string {
  return `block ${index + 1} "${type}"`
}

interface ReadBlock {
  readonly block: Block
  readonly config: ConfiguredBlock['config']
}

function readBlock({ type, config }: WrittenBlock, index: number): ReadBlock {
  return at(index, type, () => {
    const block = requireBlock(type)
    return { block, config: readFields(block.fields, config ?? {}) }
  })
}

/** The task that the head is for; there is one head, and it comes last. */
function taskOf(blocks: readonly ReadBlock[]): ModelTask {
  const heads = blocks.flatMap(({ block }, index) => (block.isHead ? [{ block, index }] : []))
  const [head, second] = heads
  if (!head) {
    const known = BLOCKS.filter(({ isHead }) => isHead).map(({ type }) => type)
    throw new CompositionError(`the model has no head; end it with one of ${known.join(', ')}`)
  }
  if (second) {
    throw new CompositionError(
      `${blockLabel(second.index, second.block.type)}: a model has one head, and ${blockLabel(head.index, head.block.type)} is one already`,
      second.index,
    )
  }
  const after = blocks[head.index + 1]
  if (after) {
    throw new CompositionError(
      `${blockLabel(head.index + 1, after.block.type)}: nothing comes after the head, and ${blockLabel(head.index, head.block.type)} is one`,
      head.index + 1,
    )
  }
  return MODEL_TASKS.find((task) => ANSWER_OF[task] === head.block.gives)!
}

function place(blocks: readonly ReadBlock[], task: ModelTask, columns: number | null): PlacedBlock[] {
  let flow: Flow = { kind: 'table', width: 0, columns, hasTarget: false, isMixed: false, from: 'the table' }
  const placed: PlacedBlock[] = []
  for (const [index, { block, config }] of blocks.entries()) {
    const input = flow
    placed.push({ block, config, input })
    flow = at(index, block.type, () => {
      if (!block.takes.includes(input.kind)) throw new RangeError(misfit(block, input))
      const given = block.flow(config, input, task)
      const isMixed = input.isMixed || block.mixesCells
      return { ...input, ...given, isMixed, kind: block.gives ?? input.kind, from: `block ${index + 1}` }
    })
  }
  return placed
}

function misfit(block: Block, input: Flow): string {
  const names = (kinds: readonly FlowKind[]) => kinds.map((kind) => FLOW_NAMES[kind]).join(' or ')
  const givers = BLOCKS.filter(({ gives }) => gives && block.takes.includes(gives))
  const advice = givers.length > 0 ? `; put ${givers.map(({ type }) => type).join(' or ')} before it` : ''
  const came =
    input.kind === 'table' ? 'the table itself reaches it' : `${input.from} gives ${FLOW_NAMES[input.kind]}`
  return `it takes ${names(block.takes)}, but ${came}${advice}`
}

/** A model whose answers do not depend on the labelled rows would learn the average of its prior, and nothing in context. */
function checkContext(placed: readonly PlacedBlock[], task: ModelTask): void {
  const readers = placed.filter(({ block }) => block.reads === 'rows')
  const isUseful = ({ block, input }: PlacedBlock) => !input.hasTarget || input.isMixed || block.mixesCells
  if (task === 'discovery' || readers.some(isUseful)) return
  if (readers.length === 0) {
    const known = BLOCKS.filter(({ reads, isHead }) => reads === 'rows' && !isHead).map(({ type }) => type)
    throw new CompositionError(
      `no block reads the labelled rows, so no answer would depend on them; add one of ${known.join(', ')}`,
    )
  }
  const mixers = BLOCKS.filter(({ mixesCells, takes }) => mixesCells && takes.includes('cells'))
  throw new CompositionError(
    'the labelled rows are read before the cells of a row have met, so no answer would depend on the features; ' +
      `put ${mixers.map(({ type }) => type).join(' or ')} before`,
  )
}

function checkLayers(placed: readonly PlacedBlock[]): void {
  const layers = placed.reduce((sum, { block, config }) => sum + block.layers(config), 0)
  if (layers > MAX_LAYERS) {
    throw new CompositionError(
      `the blocks have ${layers} layers together, at most ${MAX_LAYERS} are possible`,
    )
  }
}

function at<T>(index: number, type: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof RangeError) || error instanceof CompositionError) throw error
    throw new CompositionError(`${blockLabel(index, type)}: ${error.message}`, index)
  }
}
