import { Random } from '@posterior/tabular'
import { afterEach, expect, test } from 'vitest'
import type { BatchSpec } from './batch-spec.ts'
import { PriorPool } from './prior-pool.ts'
import { sampleBatch } from './sample-batch.ts'

const spec: BatchSpec = {
  task: 'classification',
  batch: 3,
  train: 40,
  test: 10,
  features: 5,
  stage: 'general',
  maxClasses: 6,
}
const pools: PriorPool[] = []

function openPool(workers: number): PriorPool {
  const pool = new PriorPool({ workers })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

test('batches are those of a direct call, whatever the number of workers', async () => {
  for (const workers of [1, 3]) {
    const pool = openPool(workers)
    const batches = await Promise.all([0, 1, 2, 3, 4].map((step) => pool.request(spec, ['run', step])))
    batches.forEach((batch, step) => {
      expect(batch).toEqual(sampleBatch(spec, Random.fromSeed('run', step)))
    })
  }
})

test('an error in a worker rejects with its message and the pool goes on', async () => {
  const pool = openPool(1)
  await expect(pool.request({ ...spec, train: 2 }, [1])).rejects.toThrow(/integer train from 8 .* got 2/)
  expect((await pool.request(spec, [1])).families).toHaveLength(3)
})

test('closing rejects what is not answered yet and what comes later', async () => {
  const pool = openPool(1)
  const pending = [pool.request({ ...spec, batch: 500 }, [1]), pool.request(spec, [2])]
  const settled = Promise.allSettled(pending)
  await pool.close()
  for (const result of await settled) expect(result.status).toBe('rejected')
  await expect(pool.request(spec, [3])).rejects.toThrow(/closed/)
})

test('a pool needs a worker', () => {
  expect(() => new PriorPool({ workers: 0 })).toThrow(/at least one worker/)
})
