/** Opens a released model, or the folder of any checkpoint, with the predictor that the engine's processes run. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { detectThreads, Predictor } from '@posterior/engine'
import { MANIFEST_FILE, readManifest, WEIGHTS_FILE } from '@posterior/model'

const RELEASED = fileURLToPath(new URL('../../models', import.meta.url))

/** A predictor and the model to ask it for. */
export interface OpenModel {
  predictor: Predictor
  /** Undefined for the default model. */
  model: string | undefined
  /** What to call it in the report. */
  name: string
  close(): Promise<void>
}

/**
 * @param which    name of a released model, folder of a checkpoint, or undefined for the default model
 * @param threads  undefined for the cores of this machine
 */
export async function openModel(which: string | undefined, threads: number | undefined): Promise<OpenModel> {
  if (which === undefined || !existsSync(join(which, MANIFEST_FILE))) {
    const predictor = open(RELEASED, threads)
    return { predictor, model: which, name: which ?? 'default', close: () => predictor.close() }
  }
  // A copy, because checkpoints of one run share a name and the trainer may write the next one meanwhile.
  const folder = mkdtempSync(join(tmpdir(), 'posterior-model-'))
  for (const file of [WEIGHTS_FILE, MANIFEST_FILE])
    cpSync(join(which, file), join(folder, 'checkpoint', file))
  const { name } = await readManifest(join(folder, 'checkpoint'))
  const predictor = open(folder, threads)
  const close = async () => {
    await predictor.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { predictor, model: name, name, close }
}

function open(modelsDir: string, threads: number | undefined): Predictor {
  return new Predictor({
    modelDirs: [modelsDir],
    threads: threads ?? detectThreads(),
    contextCacheBytes: 0,
    maxFitBytes: totalmem() / 2,
    maxFullRows: 0,
  })
}
