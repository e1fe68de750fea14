import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseDatasets, type DatasetInfo, readDataset, readSelection } from './datasets.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'posterior-selection-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

function info(name: string, train: number, features: number): DatasetInfo {
  const splits = [{ seed: 0, train, test: 10 }]
  const file = `${name}.csv.gz`
  return {
    name,
    file,
    task: 'classification',
    rows: 3,
    features,
    categorical_columns: [],
    n_classes: 2,
    missing_fraction: 0,
    splits,
  }
}

test('small means at most 700 training rows and 20 features', () => {
  const all = [info('a', 700, 20), info('b', 701, 20), info('c', 700, 21)]
  expect(chooseDatasets(all, 'small').map(({ name }) => name)).toEqual(['a'])
  expect(chooseDatasets(all, 'all')).toHaveLength(3)
  expect(chooseDatasets(all, 'c, a').map(({ name }) => name)).toEqual(['c', 'a'])
  expect(() => chooseDatasets(all, 'd')).toThrow("There is no dataset 'd'")
})

test('a dataset is read with the types that the product gives it', async () => {
  const dataset = info('tiny', 2, 2)
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ datasets: [dataset] }))
  writeFileSync(join(dir, 'baselines.json.gz'), gzipSync(JSON.stringify({ results: [] })))
  writeFileSync(join(dir, dataset.file), gzipSync('x,c,target\n1.5,None,yes\n,a,no\n2,b,no\n'))
  const selection = readSelection(dir)
  const table = await readDataset(selection, selection.datasets[0]!)
  expect(table.columns.map(({ name, kind }) => [name, kind])).toEqual([
    ['x', 'number'],
    ['c', 'string'],
    ['target', 'string'],
  ])
  expect(table.columns[1]).toMatchObject({ levels: ['None', 'a', 'b'] })
})

test('a folder without the data is named in the error', () => {
  expect(() => readSelection(dir)).toThrow(
    new RegExp(`Expected a folder of tables with index.json and baselines.json.gz at ${dir}`),
  )
})
