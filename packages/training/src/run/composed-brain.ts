/** Composed models on priors: whether the blocks answer what the prior asks, for tables of its width, in memory there is. */
import {
  BLOCKS,
  type CompositionConfig,
  CompositionError,
  compose,
  type ModelConfig,
  type ModelTask,
  needsColumns,
  parameterCount,
  trainingNumbers,
  type WrittenBlock,
} from '@posterior/model'

export const MAX_PARAMETERS = 30_000_000
/** What the tasks that are computed together may take in training. */
const MAX_BYTES = 2 ** 30

const WANTED = {
  regression: 'a number per row',
  classification: 'a class per row',
  discovery: 'the graph behind a table',
} as const

/** What a prior asks. */
export interface PriorTasks {
  /** For messages. */
  readonly name: string
  readonly task: ModelTask
  /** Least and most columns of a table, as the model sees them. */
  readonly columns: readonly [number, number]
}

/**
 * The composition for the tasks of a prior, its width taken from there where the blocks leave it open.
 *
 * @throws CompositionError that names the block or what the prior gives instead
 */
export function composeForPrior(
  blocks: readonly WrittenBlock[],
  { name, task, columns: [least, most] }: PriorTasks,
  columns: number | null = null,
): CompositionConfig {
  const draft = compose(blocks, columns)
  if (draft.task !== task) throw new CompositionError(wrongHead(draft, task, name))
  if (!needsColumns(draft)) return compose(blocks)
  if (least !== most) {
    throw new CompositionError(
      `the blocks take rows of one width, and ${name} gives ${least} to ${most} columns; fix its width by an override, ` +
        'or begin with grid_preprocessor and tabular_cell_embedder, which take any number',
    )
  }
  if (draft.columns !== null && draft.columns !== most) {
    throw new CompositionError(`the blocks take ${draft.columns} columns, and ${name} gives ${most}`)
  }
  return compose(blocks, most)
}

function wrongHead(draft: CompositionConfig, task: ModelTask, name: string): string {
  const index = draft.blocks.length - 1
  const heads = BLOCKS.filter(({ gives, isHead }) => isHead && gives === GIVEN[task]).map(({ type }) => type)
  const advice = heads.length > 0 ? `end the model with ${heads.join(' or ')}` : 'choose another prior'
  return (
    `block ${index + 1} "${draft.blocks[index]!.type}" answers with ${WANTED[draft.task]}, ` +
    `and ${name} asks for ${WANTED[task]}; ${advice}`
  )
}

const GIVEN = { regression: 'numbers', classification: 'classes', discovery: 'graph' } as const

/**
 * Tasks of this size that can be computed together.
 *
 * @throws CompositionError when there are too many weights, or one task takes too much memory
 */
export function tasksTogether(config: ModelConfig, rows: number, columns: number): number {
  if (config.architecture !== 'composition-1') return Number.POSITIVE_INFINITY
  const weights = parameterCount(config)
  if (weights > MAX_PARAMETERS) {
    throw new CompositionError(
      `the model has ${weights.toLocaleString('en-GB')} weights, at most ${MAX_PARAMETERS.toLocaleString('en-GB')} are possible`,
    )
  }
  const bytes = 4 * trainingNumbers(config, rows, columns)
  if (bytes <= MAX_BYTES) return Math.floor(MAX_BYTES / bytes)
  const gib = (value: number) => (value / 2 ** 30).toFixed(1)
  throw new CompositionError(
    `training it on a task of ${rows} rows of ${columns} columns takes about ${gib(bytes)} GiB; ${gib(MAX_BYTES)} GiB are allowed. ` +
      'Give it fewer layers or narrower vectors, or the prior smaller tasks',
  )
}
