/** Opens a released model, or the folder of any checkpoint, with the engine that the product serves by. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, type ModelInfo } from '@posterior/engine'
import { MANIFEST_FILE, WEIGHTS_FILE } from '@posterior/model'
import { EvaluationError } from '../evaluation-error.ts'

/** An engine and the model to ask it for. */
export interface OpenModel {
  engine: Engine
  model: ModelInfo
  close(): Promise<void>
}

export interface OpenModelOptions {
  /** Name of a model in `modelsDir`, or the folder of a checkpoint. */
  which: string
  modelsDir: string
  /** Splits that are computed at a time, each in a process of its own. */
  jobs: number
  /** Threads of each. */
  threads: number
}

/** @throws EvaluationError when there is no such model */
export async function openModel({ which, modelsDir, jobs, threads }: OpenModelOptions): Promise<OpenModel> {
  // A copy, because checkpoints of one run share a name and the trainer may write the next one meanwhile.
  const isFolder = existsSync(join(which, MANIFEST_FILE))
  const copied = isFolder ? copyCheckpoint(which) : undefined
  // Of several processes the engine keeps one free of fits.
  const processes = jobs === 1 ? 1 : jobs + 1
  const engine = await Engine.start({ modelsDir: copied ?? modelsDir, processes, threads })
  const close = async () => {
    await engine.close({ drainMs: 0 })
    if (copied) rmSync(copied, { recursive: true, force: true })
  }
  try {
    const { models } = await engine.listModels()
    const model = isFolder ? models[0] : models.find(({ id }) => id === which)
    if (model) return { engine, model, close }
    const names = models.map(({ id }) => id).join(', ')
    throw new EvaluationError(
      `There is no model '${which}' in ${copied ?? modelsDir}; there ${names ? `are ${names}` : 'is none at all'}. --model takes one of them, or the folder of a checkpoint.`,
    )
  } catch (error) {
    await close()
    throw error
  }
}

function copyCheckpoint(from: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'posterior-model-'))
  mkdirSync(join(folder, 'checkpoint'))
  for (const file of [WEIGHTS_FILE, MANIFEST_FILE]) cpSync(join(from, file), join(folder, 'checkpoint', file))
  return folder
}
