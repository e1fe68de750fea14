/** Sizes of brains: what a run of the studio trains when it names one. */
import {
  type CompositionConfig,
  compose,
  type InterleavedConfig,
  type ModelTask,
  PRESETS,
} from '@posterior/model'

/** `quick`: 0.22 million weights, minutes on a CPU; `steady`: 0.68 million; `deep`: 5.2 million, hours. */
export const BRAIN_ARCHITECTURES = {
  quick: PRESETS.nano,
  steady: {
    ...PRESETS.nano,
    cellWidth: 48,
    cellHeads: 3,
    inducingPoints: 32,
    stages: ['column', 'row', 'column', 'row', 'column'],
    rowLayers: 5,
    voteWidth: 48,
  },
  deep: PRESETS.small,
} as const satisfies Record<string, InterleavedConfig>

/** The same for brains of graphs: 0.09, 0.3 and 1.9 million weights. */
export const GRAPH_ARCHITECTURES = {
  quick: graphBrain({ width: 16, moments: 8, pair: 48, layers: 3 }),
  steady: graphBrain({ width: 32, moments: 16, pair: 80, layers: 4 }),
  deep: graphBrain({ width: 64, moments: 32, pair: 160, layers: 6 }),
} as const

export type BrainSizeName = keyof typeof BRAIN_ARCHITECTURES

/** The model of a size for a task. */
export function brainOfSize(size: BrainSizeName, task: ModelTask): InterleavedConfig | CompositionConfig {
  return task === 'discovery' ? GRAPH_ARCHITECTURES[size] : BRAIN_ARCHITECTURES[size]
}

function graphBrain(sizes: {
  width: number
  moments: number
  pair: number
  layers: number
}): CompositionConfig {
  const { width, moments, pair, layers } = sizes
  const head = { n_moments: moments, d_pair: pair, n_heads: 4, n_layers: layers }
  return compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: width } },
    { type: 'gated_residual', config: { hidden_mult: 1 } },
    { type: 'moment_graph_head', config: head },
  ])
}
