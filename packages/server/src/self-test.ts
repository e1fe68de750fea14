/**
 * The prediction that has to work before the server says it is ready: a tiny training set through the same files, fit
 * and predict as any request.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Task } from '@posterior/contracts'
import type { Predictor } from './domain/ports/predictor.ts'
import type { Log } from './domain/ports/system.ts'
import type { Readiness } from './domain/readiness.ts'

const TRAIN_ROWS = 12
const RETRY_MS = 10_000
const LIMITS = { maxRows: 1_000, maxColumns: 10, maxCells: 10_000 }

/**
 * Fit and predict in a folder under `folder`, which is removed afterwards.
 *
 * @throws whatever the predictor throws, and Error when the answer is not a distribution
 */
export async function selfTest(predictor: Predictor, folder: string, signal: AbortSignal): Promise<void> {
  const [model] = await predictor.models()
  if (!model) throw new Error('no model is installed')
  const work = await mkdtemp(join(folder, 'self-test-'))
  try {
    for (const task of model.tasks) await testTask(predictor, { task, model: model.name, work, signal })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function testTask(
  predictor: Predictor,
  { task, model, work, signal }: { task: Task; model: string; work: string; signal: AbortSignal },
): Promise<void> {
  const numbers = Array.from({ length: TRAIN_ROWS }, (_, i) => i)
  const x = { path: join(work, `${task}-x.csv`), format: 'csv' as const }
  const y = { path: join(work, `${task}-y.csv`), format: 'csv' as const }
  await writeFile(x.path, `a,b\n${numbers.map((i) => `${i},${(i * 7) % 5}`).join('\n')}\n`)
  const targets = numbers.map((i) => (task === 'classification' ? i % 2 : i / 2))
  await writeFile(y.path, `y\n${targets.join('\n')}\n`)
  const contextPath = join(work, `${task}-context`)
  const options = { estimators: 1, ignoreTrainedRange: true }
  await predictor.fit(
    { model, task, x, y, options, limits: { ...LIMITS, maxClasses: 2 }, contextPath },
    signal,
  )
  const output = task === 'classification' ? ('probas' as const) : ('mean' as const)
  const { values } = await predictor.predict({ contextPath, x, output, options: {}, limits: LIMITS }, signal)
  const answers =
    values.output === 'probas' ? values.probabilities : values.output === 'mean' ? values.values : []
  const expected = task === 'classification' ? TRAIN_ROWS * 2 : TRAIN_ROWS
  if (answers.length !== expected || !Array.from(answers).every(Number.isFinite)) {
    throw new Error(
      `the self-test of ${task} answered ${answers.length} values; ${expected} finite ones expected`,
    )
  }
}

/** Test until it passes, then mark the server ready; a failure is logged and shown by the readiness route. */
export async function becomeReady(
  deps: { predictor: Predictor; readiness: Readiness; folder: string; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { predictor, readiness, folder, log } = deps
  while (!signal.aborted) {
    try {
      await selfTest(predictor, folder, signal)
      readiness.markReady()
      log.info({}, 'ready')
      return
    } catch (error) {
      if (signal.aborted) return
      log.error({ err: error }, 'the self-test failed')
      readiness.markFailed('its self-test failed; the log has the cause.')
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
