/** `posterior bench quality`: judge a model on real tables beside other methods, and write the report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_ESTIMATORS } from '@posterior/engine'
import { readBaselineFiles } from './data/baselines.ts'
import { chooseDatasets, readSelection } from './data/datasets.ts'
import { buildReport, type QualityReport } from './report/report.ts'
import { openModel } from './run/open-model.ts'
import { ResultsFile } from './run/results-file.ts'
import { runSplits, type SplitEvent } from './run/run-splits.ts'
import { writeCard, writeReport } from './write-report.ts'

/** Draws and seed of every interval. */
const BOOTSTRAP = { draws: 1000, seed: 0 }

export interface BenchQualityOptions {
  /** Name of a model in `modelsDir`, or the folder of a checkpoint. */
  model: string
  modelsDir: string
  /** Folder of the tables. */
  dataDir: string
  /** Folder of further results; undefined for none. */
  baselinesDir: string | undefined
  /** See chooseDatasets. */
  sets: string
  seeds: readonly number[]
  /** Folder of results and report. */
  outDir: string
  jobs: number
  threads: number
  /** Default: the engine's. */
  estimators?: number | undefined
  /** Limit of training rows; undefined for the stored splits. With it, stored results do not count. */
  trainRows?: number | undefined
  /** Whether tables get ridge columns; undefined: as the model was trained. */
  ridgeColumns?: boolean | undefined
  /** Card of a model to write the summary into. */
  card?: string | undefined
  signal?: AbortSignal
  onSplit?: (event: SplitEvent) => void
}

/** What came of it. */
export interface BenchQualityOutcome {
  report: QualityReport
  /** Files of the report. */
  files: string[]
  /** Splits that gave an error and have no result. */
  failed: number
}

/**
 * Run the splits that have no result in `outDir`, then judge those of the chosen datasets and seeds.
 *
 * @throws EvaluationError when data, baselines, model or earlier results do not fit
 */
export async function benchQuality(options: BenchQualityOptions): Promise<BenchQualityOutcome> {
  const { trainRows, seeds, jobs, threads, ridgeColumns, signal } = options
  const stored = readSelection(options.dataDir)
  const added = options.baselinesDir
    ? readBaselineFiles(options.baselinesDir, trainRows)
    : { protocols: [], results: [] }
  const baselines = [...(trainRows === undefined ? stored.baselines : []), ...added.results]
  const selection = { ...stored, baselines }
  const datasets = chooseDatasets(selection.datasets, options.sets)
  const { engine, model, close } = await openModel({
    which: options.model,
    modelsDir: options.modelsDir,
    jobs,
    threads,
  })
  const folder = mkdtempSync(join(tmpdir(), 'posterior-bench-'))
  try {
    const estimators = options.estimators ?? DEFAULT_ESTIMATORS
    const { checksum, manifest } = model
    const run = {
      model: model.id,
      version: manifest.version,
      checksum,
      estimators,
      trainRows: trainRows ?? null,
      ...(ridgeColumns !== undefined && { ridgeColumns }),
    }
    const results = ResultsFile.open(join(options.outDir, 'results.jsonl'), run)
    const { failed } = await runSplits({
      engine,
      model: model.id,
      estimators,
      ridgeColumns,
      folder,
      selection,
      datasets,
      seeds,
      trainRows,
      jobs,
      results,
      ...(signal ? { signal } : {}),
      ...(options.onSplit ? { onSplit: options.onSplit } : {}),
    })
    const names = new Set(datasets.map(({ name }) => name))
    const chosen = results.results.filter(({ dataset, seed }) => names.has(dataset) && seeds.includes(seed))
    const report = buildReport({
      run,
      results: chosen,
      datasets,
      baselines,
      protocols: added.protocols,
      bootstrap: BOOTSTRAP,
    })
    const files = writeReport(report, options.outDir)
    if (options.card) writeCard(report, options.card)
    return { report, files, failed }
  } finally {
    await close()
    rmSync(folder, { recursive: true, force: true })
  }
}
