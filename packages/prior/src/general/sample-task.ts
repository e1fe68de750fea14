/**
 * One synthetic dataset: family, target, split, dirt. A draw that cannot be a fair task (one class only, a target
 * without spread) is thrown away and drawn again.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import type { BatchSpec, RowTask } from '../batch/batch-spec.ts'
import { type ClassPlan, labelsFromLatents, planClasses } from './classes.ts'
import { typeColumn } from './column-typing.ts'
import { addMissing, addOutliers, fitColumnCount, meaningless, variesInTraining } from './corruption.ts'
import type { Draft, DraftColumn } from './draft.ts'
import { drawFamily, FAMILIES, type FamilyName } from './family-mixture.ts'
import { measureLearnability } from './learnability.ts'
import { regressionTarget } from './regression-target.ts'

/** A dataset of train + test rows, training rows first. */
export interface Task {
  family: FamilyName
  /** As the preprocessing hands columns to fitChannels; NaN = missing. */
  columns: NumericColumn[]
  /** Class 0..classes-1 per row, or the regression target, standardised by the training rows and clipped at ±8. */
  y: Float64Array
  /** 0 for regression. */
  classes: number
}

export interface TaskShape extends Omit<BatchSpec, 'batch'> {
  /** Without missing cells and wild values, also in the general stage. */
  readonly isClean?: boolean
}

const MOST_ATTEMPTS = 200
const FEWEST_ROWS_PER_CLASS = 2

/** @throws Error when no fair task came out of 200 draws, which no valid shape is known to cause */
export function sampleTask(shape: TaskShape, random: Random, family?: FamilyName): Task {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const name = family ?? drawFamily(shape, random)
    const task = tryTask(shape, name, random)
    if (task) return task
  }
  throw new Error(
    `The prior found no usable dataset in ${MOST_ATTEMPTS} draws for ${JSON.stringify(shape)}. Ask for more training rows.`,
  )
}

function tryTask(shape: TaskShape, family: FamilyName, random: Random): Task | null {
  const easy = shape.stage === 'easy'
  const wanted = shape.train + shape.test
  const rows = wanted + 16 + Math.ceil(0.15 * wanted)
  const mostClasses = Math.min(shape.maxClasses, easy ? 3 : 64, Math.max(2, Math.floor(shape.train / 8)))
  const plan: ClassPlan | null = shape.task === 'classification' ? planClasses(mostClasses, random) : null
  const draft = FAMILIES[family](
    {
      rows,
      features: shape.features,
      task: shape.task as RowTask,
      classes: plan?.classes ?? 0,
      latents: plan?.latents ?? 1,
      easy,
    },
    random,
  )
  if (draft.columns.length === 0) return null
  const noise = random.logUniform(0.01, easy ? 0.25 : plan ? 1 : 1.6)
  const target = plan
    ? classTarget(draft, plan, { shape, noise, random })
    : numericTarget(draft, { shape, noise, random })
  if (!target) return null
  const columns = finishColumns(draft.columns, target.rows, shape, random)
  const task = { family, columns, y: target.y, classes: target.classes }
  return isWorthwhile(task, shape, random) ? task : null
}

/**
 * Whether the columns tell something of the target, as far as a cheap test can see. Small datasets are not tested: the
 * test would have too few rows. Some of what fails, and what is solved to the last digit, is kept.
 */
function isWorthwhile(
  { family, columns, y, classes }: Task,
  { train, test }: TaskShape,
  random: Random,
): boolean {
  if (family === 'rules' || train + test < 60 || random.bool(0.25)) return true
  const { skill, deviation } = measureLearnability(columns, y, { classes, random })
  return skill > 0.01 && deviation > 1.645 && (skill < 0.999 || random.bool(0.2))
}

interface Target {
  /** Rows of the draft in their final order, train + test of them. */
  rows: Int32Array
  y: Float64Array
  classes: number
}

interface TargetContext {
  shape: TaskShape
  noise: number
  random: Random
}

function classTarget(draft: Draft, plan: ClassPlan, { shape, noise, random }: TargetContext): Target | null {
  const labels = draft.labels
    ? draft.labels.slice()
    : labelsFromLatents(draft.latents, plan, { noise, random })
  if (random.bool(shape.stage === 'easy' ? 0.1 : 0.25))
    flipLabels(labels, random.logUniform(0.005, 0.2), random)
  const order = random.permutation(labels.length)
  const train = order.subarray(0, shape.train)
  const counts = new Map<number, number>()
  for (const row of train) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1)
  // Classes with fewer rows than this are left out, and their rows replaced by spare ones of the others.
  const kept = new Map<number, number>()
  for (const [label, count] of counts) {
    if (count >= FEWEST_ROWS_PER_CLASS && kept.size < shape.maxClasses) kept.set(label, kept.size)
  }
  if (kept.size < 2) return null
  const rows = order.filter((row) => kept.has(labels[row]!)).subarray(0, shape.train + shape.test)
  if (rows.length < shape.train + shape.test) return null
  return { rows, y: Float64Array.from(rows, (row) => kept.get(labels[row]!)!), classes: kept.size }
}

/** Give a share of the rows another row's label. */
function flipLabels(labels: Int32Array, share: number, random: Random): void {
  const original = labels.slice()
  for (let i = 0; i < labels.length; i++) {
    if (random.bool(share)) labels[i] = original[random.int(0, labels.length)]!
  }
}

function numericTarget(draft: Draft, { shape, noise, random }: TargetContext): Target | null {
  const all = regressionTarget(draft.latents[0]!, { noise, easy: shape.stage === 'easy', random })
  const rows = random.permutation(all.length).subarray(0, shape.train + shape.test)
  let mean = 0
  for (let i = 0; i < shape.train; i++) mean += all[rows[i]!]! / shape.train
  let variance = 0
  for (let i = 0; i < shape.train; i++) variance += (all[rows[i]!]! - mean) ** 2 / shape.train
  const sd = Math.sqrt(variance)
  if (!(sd > 1e-9)) return null
  return {
    rows,
    y: Float64Array.from(rows, (row) => Math.max(-8, Math.min(8, (all[row]! - mean) / sd))),
    classes: 0,
  }
}

function finishColumns(
  drafts: DraftColumn[],
  rows: Int32Array,
  shape: TaskShape,
  random: Random,
): NumericColumn[] {
  const { train, features } = shape
  const columns = fitColumnCount(drafts, features, random).map((draft, j): NumericColumn => {
    const { values, levels } = draft
    return { name: `x${j}`, values: gather(values, rows), categorical: levels > 0 }
  })
  if (shape.stage === 'general' && !shape.isClean) {
    if (random.bool(0.1)) addOutliers(columns, random)
    if (random.bool(0.3)) addMissing(columns, random)
  }
  return columns.map((column) => {
    let varying = column
    while (!variesInTraining(varying, train)) {
      varying = { ...varying, values: meaningless(rows.length, random).values, categorical: false }
    }
    return typeColumn(varying, train)
  })
}

function gather(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length)
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]!]!
  return out
}
