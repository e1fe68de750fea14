/**
 * How a brain behaves when it is asked as callers ask it, through the engine: whether its intervals or probabilities
 * hold what they promise, whether a query row is answered alike alone and among others, and whether another unit of the
 * target or of the columns, or other names of the classes, carry through to the answer.
 */
import type { Answer, AnswerJob, NumberRows } from '@posterior/engine'
import { drawTasks, type InContextTask, targetScale } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { heldOutBatches } from '@posterior/training'
import { jobOf, withBrain } from './ask.ts'

export interface BrainBehaviour {
  /** Query rows that the calibration is taken from. */
  readonly rows: number
  /** Regression: share of the truths within the 80 % and the 90 % interval. */
  readonly coverage80: number | null
  readonly coverage90: number | null
  /** Classification: mean distance between the first class's probability and how often it came true, in ten bins. */
  readonly calibrationError: number | null
  /**
   * Largest change of an answer, in standard deviations of the labelled rows or in probability, when the row is asked
   * alone instead of among all of its task.
   */
  readonly alone: number
  /** The same when the target is multiplied by 1,000 and moved, and changed back; for classes, when they are renamed. */
  readonly targetUnit: number
  /** The same when every column is multiplied by 8 and moved. */
  readonly columnUnit: number
  /** Mean change when the labelled targets are shuffled: what is read from the context and not known before. */
  readonly shuffledContext: number
}

const BINS = 10

/** @param size.tasks tasks of each held-out batch that are asked */
export async function measureBehaviour(
  slug: string,
  folder: string,
  size: { readonly batches: number; readonly tasks: number },
): Promise<BrainBehaviour> {
  const prior = { kind: 'catalogue', id: slug, overrides: {} } as const
  const held = heldOutBatches(prior, { batches: size.batches, datasets: size.tasks })
  const tasks = held.flatMap(({ spec, seed }) => drawTasks(spec, Random.fromSeed(...seed)))
  const calibration = new Calibration()
  const changes = { alone: 0, targetUnit: 0, columnUnit: 0, shuffledContext: 0 }
  await withBrain(folder, async (askBrain) => {
    for (const [at, task] of tasks.entries()) {
      const job = jobOf(task)
      const ask = async (change: Partial<AnswerJob>) => numbersOf(await askBrain({ ...job, ...change }), task)
      const answer = await askBrain(job)
      calibration.add(answer, task)
      // One task of each batch is asked in other ways, too.
      if (at % size.tasks > 0) continue
      const plain = numbersOf(answer, task)
      const alone = await ask({
        query: { ...job.query, rows: 1, values: job.query.values.slice(0, job.query.columns) },
      })
      changes.alone = Math.max(changes.alone, largest(alone, plain.slice(0, alone.length)))
      const other = await ask({ y: job.y.map(unitOf(task).there) })
      changes.targetUnit = Math.max(changes.targetUnit, largest(unitOf(task).back(other), plain))
      const moved = await ask({ x: move(job.x), query: move(job.query) })
      changes.columnUnit = Math.max(changes.columnUnit, largest(moved, plain))
      const order = Random.fromSeed('shuffled', at).permutation(task.train)
      const shuffled = await ask({ y: Float64Array.from(order, (row) => job.y[row]!) })
      changes.shuffledContext += meanChange(shuffled, plain) / size.batches
    }
  })
  return { ...calibration.result(), ...changes }
}

/** Row by row: probabilities of the classes, or mean and quantiles in standard deviations of the labelled rows. */
function numbersOf(answer: Answer, task: InContextTask): number[] {
  if (answer.task === 'classification') return [...answer.probabilities]
  const { center, scale } = targetScale(task)
  return [...answer.mean].flatMap((mean, row) =>
    [mean, ...answer.quantiles.map((level) => level[row]!)].map((value) => (value - center) / scale),
  )
}

/** Another unit of the target, or other names of the classes, in another order. */
function unitOf(task: InContextTask): { there(y: number): number; back(numbers: number[]): number[] } {
  const { classes } = task
  if (classes > 0) {
    return {
      there: (y) => 10 * (classes - y),
      back: (numbers) => numbers.map((_, k) => numbers[k - (k % classes) + (classes - 1 - (k % classes))]!),
    }
  }
  const { center, scale } = targetScale(task)
  return {
    there: (y) => 1000 * y - 5e4,
    back: (numbers) => numbers.map((z) => ((z * scale + center + 5e4) / 1000 - center) / scale),
  }
}

function move(rows: NumberRows): NumberRows {
  return { ...rows, values: rows.values.map((value) => 8 * value + 50) }
}

function largest(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, k) => Math.abs(value - b[k]!)))
}

function meanChange(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + Math.abs(value - b[k]!), 0) / a.length
}

class Calibration {
  #rows = 0
  #in80 = 0
  #in90 = 0
  #isClasses = false
  readonly #promised = new Float64Array(BINS)
  readonly #came = new Float64Array(BINS)

  add(answer: Answer, { y, train, test, classes }: InContextTask): void {
    this.#rows += test
    for (let i = 0; i < test; i++) {
      const truth = y[train + i]!
      if (answer.task === 'classification') {
        this.#isClasses = true
        const own = answer.probabilities.subarray(i * classes, (i + 1) * classes)
        const top = Math.max(...own)
        const bin = Math.min(BINS - 1, Math.floor(top * BINS))
        this.#promised[bin]! += top
        this.#came[bin]! += own[truth] === top ? 1 : 0
        continue
      }
      const [low90, low80, , high80, high90] = answer.quantiles.map((level) => level[i]!)
      if (truth >= low80! && truth <= high80!) this.#in80++
      if (truth >= low90! && truth <= high90!) this.#in90++
    }
  }

  result(): Pick<BrainBehaviour, 'rows' | 'coverage80' | 'coverage90' | 'calibrationError'> {
    const gaps = this.#promised.map((promised, bin) => Math.abs(promised - this.#came[bin]!))
    const isClasses = this.#isClasses
    return {
      rows: this.#rows,
      coverage80: isClasses ? null : this.#in80 / this.#rows,
      coverage90: isClasses ? null : this.#in90 / this.#rows,
      calibrationError: isClasses ? gaps.reduce((sum, gap) => sum + gap, 0) / this.#rows : null,
    }
  }
}
