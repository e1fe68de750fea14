/** A predictor over the tiny model, a training table and a query table, for tests of the engine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  EngineError,
  type FitJob,
  type MainPrediction,
  type Prediction,
  type PredictJob,
  Predictor,
  type PredictorSettings,
  type ProbabilityPrediction,
} from '@posterior/engine'
import { TableError } from '@posterior/tabular'
import { afterAll, beforeAll, expect } from 'vitest'
import { makeTable, saveTinyModel } from './tiny-model.ts'

/** Labelled rows, with targets for both tasks, and rows to predict. */
export const train = makeTable(60)
export const query = makeTable(25, 1).x

export interface PredictorFixture {
  /** Folder of everything the tests write; removed at the end. */
  readonly root: string
  readonly settings: PredictorSettings
  readonly predictor: Predictor
  newFolder(): string
  /** Fit the training table, or what `job` says. @returns the folder of the context */
  fit(job?: Partial<FitJob>, on?: Predictor): Promise<string>
  predict(contextDir: string, output: PredictJob['output'], job?: Partial<PredictJob>): Promise<Prediction>
  probabilities(contextDir: string, job?: Partial<PredictJob>): Promise<Float64Array>
  main(contextDir: string, job?: Partial<PredictJob>): Promise<MainPrediction>
}

/** Call at the top of a test file: the predictor lives from before its first test to after its last. */
export function usePredictor(): PredictorFixture {
  const root = mkdtempSync(join(tmpdir(), 'predictor-test-'))
  const settings: PredictorSettings = {
    modelDirs: [join(root, 'models')],
    threads: 1,
    contextCacheBytes: 2 ** 26,
    maxFitBytes: 2 ** 30,
    maxFullRows: 400,
  }
  const predictor = new Predictor(settings)
  let folders = 0
  beforeAll(() => saveTinyModel(join(root, 'models')))
  afterAll(async () => {
    await predictor.close()
    rmSync(root, { recursive: true, force: true })
  })
  const newFolder = () => join(root, `context-${folders++}`)
  const predict: PredictorFixture['predict'] = (contextDir, output, job = {}) =>
    predictor.predict({ contextDir, x: { table: query }, output, ...job })
  return {
    root,
    settings,
    predictor,
    newFolder,
    predict,
    async fit(job = {}, on = predictor) {
      const contextDir = newFolder()
      const y = { table: job.task === 'regression' ? train.number : train.label }
      await on.fit({ task: 'classification', x: { table: train.x }, y, contextDir, ...job })
      return contextDir
    },
    probabilities: async (contextDir, job) =>
      ((await predict(contextDir, 'probas', job)) as ProbabilityPrediction).probabilities,
    main: async (contextDir, job) => (await predict(contextDir, 'main', job)) as MainPrediction,
  }
}

/** The error of the engine or the reader that a promise rejects with. @throws Error for anything else */
export async function failureOf(promise: Promise<unknown>): Promise<EngineError | TableError> {
  const error = await promise.then(
    () => 'no error',
    (reason) => reason,
  )
  if (error instanceof EngineError || error instanceof TableError) return error
  throw new Error(`Expected a known error, got ${error}`)
}

/** No element is further off than `tolerance`. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!))
  expect(worst).toBeLessThanOrEqual(tolerance)
}
