import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockRun } from './run-lock.ts'

test('a run belongs to one trainer at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'posterior-lock-'))
  await lockRun(folder)
  await expect(lockRun(folder, 0)).rejects.toThrow('Another process trains in')
  await lockRun(join(folder, 'other'), 0)
})
