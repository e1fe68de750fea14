/** Sizes of the interleaved architecture (see `architecture.ts`) and the presets that are trained and released. */

/** Classes that one fit can hold: each class of a task takes one of these slots. */
export const CLASS_SLOTS = 64
/** Quantiles that the regression head predicts, at the levels (k + 0.5) / 255. */
export const QUANTILES = 255
/** Channels of a cell: soft-clipped z, ECDF rank, missing, categorical. */
export const CHANNELS = 4
/** Length of the random vector that tells a column apart from the others. */
export const COLUMN_ID_DIM = 16

export type Task = 'classification' | 'regression'
export const TASKS: readonly Task[] = ['classification', 'regression']

/** What a model can be trained for: answers to rows, or with `discovery` the graph behind the columns of a table. */
export type ModelTask = Task | 'discovery'
export const MODEL_TASKS: readonly ModelTask[] = [...TASKS, 'discovery']

export interface InterleavedConfig {
  /** Version of the architecture that these sizes belong to. */
  readonly architecture: 'interleaved-1'
  /** Width of a cell's vector, divisible by `cellHeads`. */
  readonly cellWidth: number
  readonly cellHeads: number
  /** Learned tokens through which the rows of one column exchange information. */
  readonly inducingPoints: number
  /** The alternating stages over cells. */
  readonly stages: readonly ('column' | 'row')[]
  /** Learned queries that compress a row's cells; a row's vector has `rowQueries * cellWidth` numbers. */
  readonly rowQueries: number
  readonly rowLayers: number
  readonly rowHeads: number
  /** Learned rows that every row can attend to. */
  readonly thinkingRows: number
  /** Hidden width of feed-forward blocks as a multiple of their input's. */
  readonly feedForward: number
  /** Heads of the class vote, and their width. */
  readonly voteHeads: number
  readonly voteWidth: number
}

export const PRESETS = {
  nano: {
    architecture: 'interleaved-1',
    cellWidth: 32,
    cellHeads: 2,
    inducingPoints: 16,
    stages: ['column', 'row', 'column'],
    rowQueries: 2,
    rowLayers: 3,
    rowHeads: 4,
    thinkingRows: 8,
    feedForward: 2,
    voteHeads: 4,
    voteWidth: 32,
  },
  small: {
    architecture: 'interleaved-1',
    cellWidth: 64,
    cellHeads: 2,
    inducingPoints: 64,
    stages: ['column', 'row', 'column', 'row', 'column'],
    rowQueries: 4,
    rowLayers: 8,
    rowHeads: 4,
    thinkingRows: 16,
    feedForward: 2,
    voteHeads: 6,
    voteWidth: 64,
  },
  medium: {
    architecture: 'interleaved-1',
    cellWidth: 128,
    cellHeads: 4,
    inducingPoints: 64,
    stages: ['column', 'row', 'column', 'row', 'column'],
    rowQueries: 3,
    rowLayers: 8,
    rowHeads: 6,
    thinkingRows: 16,
    feedForward: 2,
    voteHeads: 6,
    voteWidth: 64,
  },
} as const satisfies Record<string, InterleavedConfig>

export type PresetName = keyof typeof PRESETS

/** The sizes that each stage needs, so that other architectures can use the stages too. */
export type CellSizes = Pick<InterleavedConfig, 'cellWidth' | 'cellHeads' | 'feedForward'>
export type ColumnStageSizes = CellSizes & Pick<InterleavedConfig, 'inducingPoints'>
export type CompressionSizes = CellSizes & Pick<InterleavedConfig, 'rowQueries'>
export type RowTransformerSizes = Pick<
  InterleavedConfig,
  'rowQueries' | 'cellWidth' | 'rowHeads' | 'thinkingRows' | 'feedForward'
>
export type VoteSizes = Pick<InterleavedConfig, 'voteHeads' | 'voteWidth'>

/** Width of a row's vector. */
export function rowWidth(config: Pick<InterleavedConfig, 'rowQueries' | 'cellWidth'>): number {
  return config.rowQueries * config.cellWidth
}

/**
 * Check sizes that come from a file or a user.
 *
 * @throws RangeError that names the size and what it must be
 */
export function validateInterleaved(config: InterleavedConfig): InterleavedConfig {
  const sizes = [
    'cellWidth',
    'cellHeads',
    'inducingPoints',
    'rowQueries',
    'rowLayers',
    'rowHeads',
    'thinkingRows',
    'feedForward',
    'voteHeads',
    'voteWidth',
  ] as const
  for (const name of sizes) {
    const value = config[name]
    if (!Number.isInteger(value) || value < 1 || value > 4096) {
      throw new RangeError(`${name} must be a whole number from 1 to 4096, it is ${value}`)
    }
  }
  const { stages } = config
  if (!Array.isArray(stages) || stages.length > 64 || !stages.every((s) => s === 'column' || s === 'row')) {
    throw new RangeError('stages must be a list of at most 64 of "column" and "row"')
  }
  if (!stages.includes('column')) throw new RangeError('stages must have at least one "column"')
  if (config.cellWidth % config.cellHeads !== 0) {
    throw new RangeError(`cellWidth ${config.cellWidth} is not divisible by cellHeads ${config.cellHeads}`)
  }
  if (rowWidth(config) % config.rowHeads !== 0) {
    throw new RangeError(
      `rowQueries x cellWidth = ${rowWidth(config)} is not divisible by rowHeads ${config.rowHeads}`,
    )
  }
  return config
}
