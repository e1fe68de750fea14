/**
 * Judges a model on real tables beside stored results of other methods on the same rows.
 *
 *   node bench/select.ts --model nano --sets small --seeds 0,1,2
 *
 * Every split is rebuilt and checked against the stored figures of the prior before its numbers count.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  chooseDatasets,
  type DatasetInfo,
  readDataset,
  readSelection,
  type Selection,
} from './select/datasets.ts'
import { agreesWithPrior, evaluate, splitOf } from './select/evaluate.ts'
import { openModel } from './select/open-model.ts'
import { formatReport, type ModelResult } from './select/report.ts'

const USAGE = `node bench/select.ts [options]

  --model NAME|DIR   model, by name or by the folder of its checkpoint (default: the engine's default model)
  --sets SETS        small, all, classification, regression, or names separated by commas (default: small)
  --seeds SEEDS      0, 1 and 2, separated by commas (default: 0,1,2)
  --estimators N     ensemble members (default: the engine's)
  --threads N        threads to compute with (default: the cores of this machine)
  --data DIR         folder of the tables (default: POSTERIOR_SELECT_DIR, else ../shared/data/select)
  --json FILE        write all results there
`

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    sets: { type: 'string', default: 'small' },
    seeds: { type: 'string', default: '0,1,2' },
    estimators: { type: 'string' },
    threads: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(USAGE)
} else {
  await main()
}

async function main(): Promise<void> {
  const root = resolve(fileURLToPath(import.meta.url), '../..')
  const dir = values.data ?? process.env['POSTERIOR_SELECT_DIR'] ?? join(root, '../shared/data/select')
  const selection = readSelection(resolve(dir))
  const datasets = chooseDatasets(selection.datasets, values.sets)
  const seeds = values.seeds.split(',').map(Number)
  const model = await openModel(values.model, values.threads ? Number(values.threads) : undefined)
  const folder = mkdtempSync(join(tmpdir(), 'posterior-bench-'))
  try {
    const run = { ...model, estimators: values.estimators ? Number(values.estimators) : undefined, folder }
    const results: ModelResult[] = []
    const check = { verified: 0, splits: 0 }
    for (const dataset of datasets) {
      results.push(...(await judgeDataset(selection, dataset, seeds, run, check)))
    }
    print(results, selection, model.name, check)
    if (values.json)
      writeFileSync(values.json, `${JSON.stringify({ model: model.name, seeds, results }, null, 1)}\n`)
  } finally {
    await model.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judgeDataset(
  selection: Selection,
  dataset: DatasetInfo,
  seeds: readonly number[],
  run: Parameters<typeof evaluate>[2],
  check: { verified: number; splits: number },
): Promise<ModelResult[]> {
  const table = await readDataset(selection, dataset)
  const results: ModelResult[] = []
  for (const seed of seeds) {
    const item = { dataset, table, seed }
    const split = splitOf(item)
    check.splits++
    if (agreesWithPrior(item, split, selection.baselines)) check.verified++
    else
      console.error(`${dataset.name}, seed ${seed}: the split does not give the stored figures of the prior`)
    try {
      const result = await evaluate(item, split, run)
      results.push(result)
      console.error(`${dataset.name}, seed ${seed}: ${summarise(result)}`)
    } catch (error) {
      console.error(`${dataset.name}, seed ${seed}: failed: ${(error as Error).message}`)
      process.exitCode = 1
    }
  }
  return results
}

function summarise({ metrics }: ModelResult): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(', ')
}

function print(
  results: readonly ModelResult[],
  selection: Selection,
  name: string,
  { verified, splits }: { verified: number; splits: number },
): void {
  for (const task of ['classification', 'regression'] as const) {
    const text = formatReport(name, task, results, selection.baselines)
    if (text) console.log(`${task}\n\n${text}`)
  }
  console.log(`splits that give the stored figures of the prior baseline to 1e-6: ${verified} of ${splits}`)
  console.log('baseline times are as stored, one thread on another day: indicative only')
}
