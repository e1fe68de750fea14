import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  initialWeights,
  PRESETS,
  type PresetName,
  saveCheckpoint,
  TASKS,
  type Weights,
} from '@posterior/model'
import { Random } from '@posterior/tabular'

/** A folder of models with one in it: the preset's architecture with random weights, since speed does not depend on them. */
export async function saveRandomModel(preset: PresetName): Promise<{ modelsDir: string; weights: Weights }> {
  const modelsDir = mkdtempSync(join(tmpdir(), 'posterior-bench-'))
  const weights: Weights = new Map(initialWeights(PRESETS[preset], Random.fromSeed('bench', preset)))
  await saveCheckpoint(
    join(modelsDir, preset),
    {
      name: preset,
      version: '0.0.0',
      architecture: PRESETS[preset],
      tasks: TASKS,
      licence: 'Apache-2.0',
      trainedRange: { rows: [2, 100_000], columns: [1, 500], classes: [2, 64] },
      training: { data: 'none: random weights' },
    },
    weights,
  )
  return { modelsDir, weights }
}
