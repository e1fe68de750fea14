/** Sizes of brains: what a run of the studio trains when it names one. */
import { type ModelConfig, PRESETS } from '@posterior/model'

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
} as const satisfies Record<string, ModelConfig>
