/** The models that are installed: one folder each, with a manifest and weights. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Checkpoint,
  CheckpointError,
  loadCheckpoint,
  MANIFEST_FILE,
  type ModelManifest,
  type ModelTask,
  readManifest,
  WEIGHTS_FILE,
} from '@posterior/model'
import { EngineError } from '../errors.ts'

/** What there is to know of a model without loading it. */
export interface ModelInfo {
  /** Name under which it is chosen; the manifest's. */
  readonly id: string
  /** SHA-256 of the weights file as the manifest states it, in hex. */
  readonly checksum: string
  readonly folder: string
  readonly manifest: ModelManifest
}

/** A folder that is meant to be a model and is not. */
export interface ModelProblem {
  readonly folderName: string
  readonly error: EngineError
}

export interface ModelListing {
  readonly models: readonly ModelInfo[]
  readonly problems: readonly ModelProblem[]
}

interface Entry {
  readonly stamp: string
  readonly info: ModelInfo
}

export class ModelCatalog {
  readonly #folders: readonly string[]
  readonly #defaultModel: string | undefined
  /** By folder; kept while the manifest file does not change. */
  readonly #entries = new Map<string, Entry>()

  /**
   * @param folders       folders that hold model folders; one that does not exist holds none
   * @param defaultModel  id of the model for jobs that name none; without it the first that can do the task
   */
  constructor(folders: readonly string[], defaultModel?: string) {
    this.#folders = folders
    this.#defaultModel = defaultModel
  }

  /**
   * All models that can be read: the default if one is named, then in the order of the folders and by folder name. Of
   * two with the same id the first counts.
   */
  async list(): Promise<ModelListing> {
    const models = new Map<string, ModelInfo>()
    const problems: ModelProblem[] = []
    for (const parent of this.#folders) {
      for (const name of await subfolders(parent)) {
        try {
          const info = await this.#read(join(parent, name))
          if (info && !models.has(info.id)) models.set(info.id, info)
        } catch (error) {
          if (!(error instanceof EngineError)) throw error
          problems.push({ folderName: name, error })
        }
      }
    }
    const all = [...models.values()]
    const isDefault = ({ id }: ModelInfo) => id === this.#defaultModel
    return { models: [...all.filter(isDefault), ...all.filter((info) => !isDefault(info))], problems }
  }

  /**
   * Find the model of a job.
   *
   * @throws EngineError unknown_model, unsupported_task, model_corrupt (a folder of that name is there, unreadable)
   */
  async find(id: string | undefined, task: ModelTask): Promise<ModelInfo> {
    const { models, problems } = await this.list()
    const wanted = id ?? this.#defaultModel
    const installed = models.map((model) => model.id).join(', ') || 'none'
    if (wanted === undefined) {
      const first = models.find(({ manifest }) => manifest.tasks.includes(task))
      if (first) return first
      if (problems[0]) throw problems[0].error
      throw new EngineError('unknown_model', `No model for ${task} is installed. Installed: ${installed}.`)
    }
    const model = models.find((candidate) => candidate.id === wanted)
    if (!model) {
      const problem = problems.find(({ folderName }) => folderName === wanted)
      if (problem) throw problem.error
      throw new EngineError('unknown_model', `There is no model '${wanted}'. Installed: ${installed}.`, {
        details: { model: wanted },
      })
    }
    requireTask(model, task)
    return model
  }

  /**
   * The model of a folder that need not lie in one of the catalogue's.
   *
   * @throws EngineError unknown_model, unsupported_task, model_corrupt
   */
  async open(folder: string, task: ModelTask): Promise<ModelInfo> {
    const model = await this.#read(folder)
    if (!model) throw new EngineError('unknown_model', 'The folder of this model holds none.')
    requireTask(model, task)
    return model
  }

  async #read(folder: string): Promise<ModelInfo | undefined> {
    const stamp = await stat(join(folder, MANIFEST_FILE)).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
      () => undefined,
    )
    if (stamp === undefined) return undefined
    const known = this.#entries.get(folder)
    if (known?.stamp === stamp) return known.info
    const manifest = await corruptWhenUnreadable(readManifest(folder))
    const checksum = manifest.files[WEIGHTS_FILE]!.sha256
    const info = { id: manifest.name, checksum, folder, manifest }
    this.#entries.set(folder, { stamp, info })
    return info
  }
}

function requireTask({ id, manifest }: ModelInfo, task: ModelTask): void {
  if (manifest.tasks.includes(task)) return
  throw new EngineError(
    'unsupported_task',
    `Model '${id}' does ${manifest.tasks.join(', ')}, not ${task}. Choose another model.`,
    { details: { model: id, task } },
  )
}

/**
 * Load a model's weights and verify them.
 *
 * @throws EngineError model_corrupt
 */
export async function loadWeights(model: ModelInfo): Promise<Checkpoint> {
  const checkpoint = await corruptWhenUnreadable(loadCheckpoint(model.folder))
  if (checkpoint.checksum !== model.checksum) {
    throw new EngineError('model_corrupt', `Model '${model.id}' was replaced while it was loaded. Try again.`)
  }
  return checkpoint
}

async function corruptWhenUnreadable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause
    throw new EngineError('model_corrupt', `A model cannot be used: ${cause.message}`, { cause })
  }
}

async function subfolders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
