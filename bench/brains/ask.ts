/** Held-out tasks put to a brain as callers put them: through the engine, with its defaults. */
import { join } from 'node:path'
import { type AnswerJob, type NumberRows, Predictor } from '@posterior/engine'
import type { InContextTask } from '@posterior/prior'

const LEVELS = [0.05, 0.1, 0.5, 0.9, 0.95]

/** An engine in this process, without installed models. */
export function benchPredictor(): Predictor {
  return new Predictor({
    modelDirs: [],
    threads: 1,
    contextCacheBytes: 2 ** 26,
    maxFitBytes: 2 ** 30,
    maxFullRows: 1000,
  })
}

/** Work with the brain of the run in `folder`. */
export async function withBrain<T>(
  folder: string,
  work: (answer: (job: Omit<AnswerJob, 'model'>) => ReturnType<Predictor['answer']>) => Promise<T>,
): Promise<T> {
  const predictor = benchPredictor()
  const model = { folder: join(folder, 'model') }
  try {
    return await work((job) => predictor.answer({ ...job, model }))
  } finally {
    await predictor.close()
  }
}

/** The labelled rows of a task as context, all others as the query. */
export function jobOf({ columns, y, train, test, task }: InContextTask): Omit<AnswerJob, 'model'> {
  const rowsOf = (from: number, rows: number): NumberRows => ({
    rows,
    columns: columns.length,
    values: Float64Array.from({ length: rows * columns.length }, (_, k) => {
      const row = from + Math.floor(k / columns.length)
      return columns[k % columns.length]!.values[row]!
    }),
  })
  return { task, x: rowsOf(0, train), y: y.slice(0, train), query: rowsOf(train, test), levels: LEVELS }
}

/** Mean cross-entropy of the answers to each task, in nats. */
export function answeredEntropies(folder: string, tasks: readonly InContextTask[]): Promise<number[]> {
  return withBrain(folder, async (answer) => {
    const losses: number[] = []
    for (const task of tasks) {
      const answered = await answer(jobOf(task))
      if (answered.task !== 'classification') throw new Error('Only classes have a cross-entropy.')
      const { classes, probabilities } = answered
      let sum = 0
      for (let i = 0; i < task.test; i++) {
        const truth = classes.indexOf(task.y[task.train + i]!)
        sum -= Math.log(probabilities[i * classes.length + truth]!)
      }
      losses.push(sum / task.test)
    }
    return losses
  })
}
