/** A model with random weights, for tests of the server over the real engine: it knows nothing and answers fast. */
import { join } from 'node:path'
import { initialWeights, type ModelConfig, saveCheckpoint } from '@posterior/model'
import { Random } from '@posterior/tabular'

const TINY: ModelConfig = {
  architecture: 'interleaved-1',
  cellWidth: 16,
  cellHeads: 2,
  inducingPoints: 8,
  stages: ['column', 'row', 'column'],
  rowQueries: 2,
  rowLayers: 2,
  rowHeads: 2,
  thinkingRows: 4,
  feedForward: 2,
  voteHeads: 2,
  voteWidth: 16,
}

/** Save the model as `<modelsDir>/<name>`, trained, as its manifest says, on at most 20 columns. */
export async function saveTinyModel(modelsDir: string, name = 'tiny', seed = 1): Promise<void> {
  await saveCheckpoint(
    join(modelsDir, name),
    {
      name,
      version: '1.0.0',
      architecture: TINY,
      tasks: ['classification', 'regression'],
      licence: 'Apache-2.0',
      trainedRange: { rows: [2, 1_000], columns: [1, 20], classes: [2, 10] },
      training: {},
    },
    initialWeights(TINY, Random.fromSeed('tiny model', seed)),
  )
}
