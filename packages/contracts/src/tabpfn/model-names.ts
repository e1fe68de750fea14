/**
 * Names that clients of the hosted service send for its models. This server has none of those weights; the
 * default names select the default model here, so that unchanged programs run. Names of particular checkpoints are
 * unknown, because answering them with something else would be silently wrong.
 */
import type { Task } from './task.ts'

const DEFAULT_ALIASES = new Set(['auto', 'default'])
const VERSION_DEFAULT = /^v(2|2\.5|2\.6|3|3\.5|3\.5-fast)_default(-2)?$/
const CHECKPOINT = /^tabpfn-v[\d.]+(?:-fast)?-(classifier|regressor)-(.+)\.ckpt$/

/** What a `model_path` asks for: the default model, by the name of a version or not, or a model by name. */
export type ModelChoice = { kind: 'default'; version?: string } | { kind: 'named'; name: string }

/**
 * Read a `model_path`: null, `auto`, `default`, a version's default name (`v2.5_default`), the checkpoint spelling of
 * it (`tabpfn-v3-classifier-v3_default.ckpt`), or the name of a model of this server.
 *
 * @returns `undefined` when the checkpoint spelling belongs to the other task
 */
export function parseModelPath(modelPath: string | null | undefined, task: Task): ModelChoice | undefined {
  if (modelPath == null || DEFAULT_ALIASES.has(modelPath)) return { kind: 'default' }
  const checkpoint = CHECKPOINT.exec(modelPath)
  if (checkpoint) {
    const wanted = checkpoint[1] === 'classifier' ? 'classification' : 'regression'
    if (wanted !== task) return undefined
  }
  const name = checkpoint?.[2] ?? modelPath
  const version = VERSION_DEFAULT.exec(name)?.[1]
  return version === undefined ? { kind: 'named', name } : { kind: 'default', version: `v${version}` }
}
