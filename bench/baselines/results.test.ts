import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('./results', import.meta.url))
const FILES = globSync('*.jsonl', { cwd: FOLDER }).sort()

interface Row {
  dataset: string
  task: string
  model: string
  seed: number
  [metric: string]: unknown
}

test.each(FILES)('%s says how it was made and holds every split once', (file) => {
  const [head, ...rows] = readFileSync(join(FOLDER, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const name = String(head!['protocol'])
  expect(basename(file, '.jsonl')).toMatch(new RegExp(`^${name}(-\\d+-rows)?$`))
  expect(head).toMatchObject({ settings: expect.any(String), threads: expect.any(Number) })
  expect(head!['versions']).toHaveProperty('catboost')
  if (name.endsWith('-tuned')) expect(head!['search']).toMatchObject({ trials: expect.any(Number) })
  const splits = (rows as unknown as Row[]).map(({ dataset, seed }) => `${dataset} ${seed}`)
  expect(new Set(splits).size).toBe(splits.length)
  for (const row of rows as unknown as Row[]) {
    expect(row.model).toBe(name)
    const metrics = row.task === 'classification' ? ['auc', 'logloss', 'accuracy'] : ['rmse', 'r2', 'mae']
    for (const metric of name.endsWith('-quantile') ? ['crps'] : metrics)
      expect(row[metric], `${row.dataset} ${metric}`).toBeTypeOf('number')
  }
})
