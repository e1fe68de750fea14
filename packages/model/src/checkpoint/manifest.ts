/** The manifest of a released model: what it is, how it was trained, under which licence, and its files' checksums. */
import { CLASS_SLOTS, MODEL_TASKS, type ModelTask } from '../config.ts'
import { type ModelConfig, tasksOf, validateConfig } from '../model-config.ts'

export const MANIFEST_FILE = 'manifest.json'
export const WEIGHTS_FILE = 'model.safetensors'

/** Sizes that the model saw in training; beyond them answers are not backed by experience. */
export interface TrainedRange {
  readonly rows: readonly [number, number]
  readonly columns: readonly [number, number]
  readonly classes: readonly [number, number]
}

/**
 * Sizes up to which a model may be used without asking: what its card documents from measurements, which may be well
 * beyond the trained range. Rows and columns as the model sees them.
 */
export interface ModelLimits {
  readonly rows: number
  readonly columns: number
  readonly classes: number
}

/**
 * What callers of a model send, where that is not its rows themselves: a series that becomes rows of lags, or rows
 * that say when (`calendar`); names of groups that become numbers; flips of a coin, whose column tells nothing. Ranges are
 * those of training.
 */
export type ModelInputs =
  | { readonly kind: 'rows' | 'flips' | 'table' }
  | {
      readonly kind: 'series'
      readonly lags: readonly [number, number]
      readonly season: readonly [number, number]
    }
  | { readonly kind: 'calendar'; readonly season: readonly [number, number] }
  | { readonly kind: 'groups'; readonly groups: readonly [number, number] }

const INPUT_KINDS: readonly ModelInputs['kind'][] = ['rows', 'flips', 'table', 'series', 'calendar', 'groups']

export interface ModelManifest {
  readonly format: 1
  /** Name under which the model is chosen, such as `nano`. */
  readonly name: string
  /** Version of the weights, semantic. */
  readonly version: string
  readonly architecture: ModelConfig
  readonly tasks: readonly ModelTask[]
  /** SPDX identifier of the weights' licence. */
  readonly licence: string
  readonly trainedRange: TrainedRange
  /** Absent: the trained range's upper ends (see limitsOf). */
  readonly limits?: ModelLimits
  /** Absent: rows as they are. */
  readonly inputs?: ModelInputs
  /** The first so many class slots are those that training tasks took; absent: all of them. */
  readonly classSlots?: number
  /**
   * The recipe of columns of a ridge regression that training tables had beside their own, and tables to answer get too;
   * 1 is that of `ridge-columns.ts` in packages/tabular. Absent: none.
   */
  readonly ridgeColumns?: 1
  /** How it was trained: free-form facts such as steps, datasets, seed and prior. */
  readonly training: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
}

/**
 * Check a manifest that was read from a file.
 *
 * @throws TypeError or RangeError that names the field
 */
export function parseManifest(value: unknown): ModelManifest {
  if (typeof value !== 'object' || value === null) throw new TypeError('the manifest is not a JSON object')
  const manifest = value as ModelManifest
  if (manifest.format !== 1) {
    throw new RangeError(`the manifest has format ${String(manifest.format)}; this version reads format 1`)
  }
  for (const field of ['name', 'version', 'licence'] as const) {
    if (typeof manifest[field] !== 'string' || manifest[field] === '') {
      throw new TypeError(`the manifest's ${field} must be a text that is not empty`)
    }
  }
  validateConfig(manifest.architecture)
  const possible = tasksOf(manifest.architecture)
  if (!Array.isArray(manifest.tasks) || !manifest.tasks.every((task) => MODEL_TASKS.includes(task))) {
    throw new TypeError(`the manifest's tasks must be among ${MODEL_TASKS.join(', ')}`)
  }
  if (!manifest.tasks.every((task) => possible.includes(task))) {
    throw new RangeError(
      `the manifest's tasks must be among those of its architecture, ${possible.join(', ')}`,
    )
  }
  const weights = manifest.files?.[WEIGHTS_FILE]
  if (!weights || !Number.isSafeInteger(weights.bytes) || !/^[0-9a-f]{64}$/.test(weights.sha256)) {
    throw new TypeError(`the manifest lists no size and sha256 of ${WEIGHTS_FILE}`)
  }
  const { rows, columns, classes } = manifest.trainedRange ?? {}
  for (const range of [rows, columns, classes]) {
    if (!isRange(range)) {
      throw new TypeError("the manifest's trainedRange needs rows, columns and classes, each [least, most]")
    }
  }
  if (manifest.limits !== undefined) checkLimits(manifest.limits)
  if (manifest.inputs !== undefined) checkInputs(manifest.inputs)
  if (manifest.classSlots !== undefined) checkClassSlots(manifest.classSlots)
  if (manifest.ridgeColumns !== undefined && manifest.ridgeColumns !== 1) {
    throw new TypeError(`the manifest's ridgeColumns must be 1, the recipe that this version knows`)
  }
  return manifest
}

function isRange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)
}

function checkInputs(inputs: ModelInputs): void {
  if (!INPUT_KINDS.includes(inputs?.kind)) {
    throw new TypeError(`the manifest's inputs.kind must be among ${INPUT_KINDS.join(', ')}`)
  }
  if (inputs.kind === 'series' && !(isRange(inputs.lags) && isRange(inputs.season))) {
    throw new TypeError("the manifest's inputs of a series need lags and season, each [least, most]")
  }
  if (inputs.kind === 'calendar' && !isRange(inputs.season)) {
    throw new TypeError("the manifest's inputs of a calendar need a season, [least, most]")
  }
  if (inputs.kind === 'groups' && !isRange(inputs.groups)) {
    throw new TypeError("the manifest's inputs of groups need groups, [least, most]")
  }
}

function checkClassSlots(count: number): void {
  if (!(Number.isSafeInteger(count) && count >= 2 && count <= CLASS_SLOTS)) {
    throw new TypeError(`the manifest's classSlots must be a whole number from 2 to ${CLASS_SLOTS}`)
  }
}

function checkLimits(limits: ModelLimits): void {
  for (const field of ['rows', 'columns', 'classes'] as const) {
    if (!(Number.isSafeInteger(limits?.[field]) && limits[field] >= 1)) {
      throw new TypeError(`the manifest's limits.${field} must be a whole number of at least 1`)
    }
  }
}

/** The sizes up to which a model may be used: those of its manifest, else what it was trained on. */
export function limitsOf({ limits, trainedRange }: ModelManifest): ModelLimits {
  const { rows, columns, classes } = trainedRange
  return limits ?? { rows: rows[1], columns: columns[1], classes: classes[1] }
}
