/** A model with random weights and tables to go with it, for tests: it knows nothing but runs in milliseconds. */
import { join } from 'node:path'
import { initialWeights, type ModelConfig, type ModelManifest, saveCheckpoint } from '@posterior/model'
import { Random, type Table } from '@posterior/tabular'

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

export interface TinyModelOptions
  extends Partial<Pick<ModelManifest, 'tasks' | 'trainedRange' | 'limits' | 'ridgeColumns'>> {
  /** Default `tiny`. */
  name?: string
  seed?: number
}

/**
 * Save a tiny model to `<modelsDir>/<name>`.
 *
 * Layers that training starts from zero are given noise, so that every part of the model acts on the answer.
 */
export async function saveTinyModel(
  modelsDir: string,
  { name = 'tiny', seed = 1, ...rest }: TinyModelOptions = {},
): Promise<void> {
  const random = Random.fromSeed('tiny model', seed)
  const weights = initialWeights(TINY, random)
  for (const { data } of weights.values()) {
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal()
  }
  await saveCheckpoint(
    join(modelsDir, name),
    {
      name,
      version: '1.0.0',
      architecture: TINY,
      tasks: ['classification', 'regression'],
      licence: 'Apache-2.0',
      trainedRange: { rows: [2, 1000], columns: [1, 50], classes: [2, 10] },
      training: {},
      ...rest,
    },
    weights,
  )
}

/** Two number columns, one of text categories with gaps, one of booleans, and targets for both tasks. */
export function makeTable(rows: number, seed = 0): { x: Table; label: Table; number: Table } {
  const random = Random.fromSeed('table', seed)
  const a = Float64Array.from({ length: rows }, () => random.normal())
  const b = Float64Array.from({ length: rows }, () => (random.bool(0.1) ? Number.NaN : random.cauchy()))
  const codes = Int32Array.from({ length: rows }, () => random.int(-1, 4))
  const flags = Uint8Array.from({ length: rows }, () => random.int(0, 2))
  const classes = Int32Array.from({ length: rows }, (_, i) =>
    i < 3 ? i : a[i]! > 0 ? 1 : codes[i]! === 2 ? 2 : 0,
  )
  const y = Float64Array.from({ length: rows }, (_, i) => Math.exp(a[i]!) * 100 + flags[i]!)
  return {
    x: {
      rowCount: rows,
      columns: [
        { kind: 'number', name: 'a', values: a, integer: false },
        { kind: 'number', name: 'b', values: b, integer: false },
        { kind: 'string', name: 'c', codes, levels: ['red', 'green', 'blue', 'grey'] },
        { kind: 'boolean', name: 'd', values: flags },
      ],
    },
    label: {
      rowCount: rows,
      columns: [{ kind: 'string', name: 'label', codes: classes, levels: ['zebra', 'ape', 'Moth'] }],
    },
    number: { rowCount: rows, columns: [{ kind: 'number', name: 'y', values: y, integer: false }] },
  }
}
