import { gunzipSync } from 'node:zlib'
import { readTar } from '@posterior/project'
import { expect, test } from 'vitest'
import type { Run } from '../../ports/runs.ts'
import { jobBundle } from './job-bundle.ts'

const RUN = {
  ...{ slug: 'first', description: null, plan: { anything: 1 }, hyperparams: {}, results: null },
  prior: { id: null, slug: 'coin-flip', version: '1.0.0', overrides: {} },
  model: { id: null, slug: 'quick', version: null, size: 'quick' },
  evals: [],
} as unknown as Run

test('a bundle holds the tables that the plan is measured on, but for those that are gone', async () => {
  const [here, gone] = ['a'.repeat(64), 'b'.repeat(64)]
  const bundle = await jobBundle(
    {
      artefacts: { content: async () => undefined },
      trainer: { tables: async (plan) => (plan === RUN.plan ? [here, gone] : []) },
      tables: { bytes: async (sha256) => (sha256 === here ? Buffer.from('x,y\n1,2\n') : undefined) },
    },
    RUN,
  )
  const files = readTar(gunzipSync(bundle), { maxEntries: 10 })
  expect(files.map(({ path }) => path)).toEqual([
    'runs/first.yaml',
    'posterior/plan.json',
    `posterior/tables/${here}`,
  ])
  expect(String(files[2]!.bytes)).toBe('x,y\n1,2\n')
})
