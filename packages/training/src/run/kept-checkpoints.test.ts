import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MANIFEST_FILE, WEIGHTS_FILE, writeDurably } from '@posterior/model'
import { beforeEach, expect, test } from 'vitest'
import { keepCheckpoint, keptSteps } from './kept-checkpoints.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posterior-kept-'))
  await mkdir(join(folder, 'model'))
})

/** Saved as the trainer saves: under another name, then renamed. */
async function save(step: number): Promise<void> {
  for (const name of [WEIGHTS_FILE, MANIFEST_FILE]) {
    await writeDurably(join(folder, 'model', name), `${name} of ${step}`)
  }
}

const weightsAt = (step: number) => readFile(join(folder, 'checkpoints', String(step), WEIGHTS_FILE), 'utf8')

test('the newest checkpoints are kept as they were when they were saved', async () => {
  for (const step of [4, 8, 12, 100]) {
    await save(step)
    await keepCheckpoint(folder, step, 3)
  }
  expect(await keptSteps(folder)).toEqual([8, 12, 100])
  expect(await Promise.all([8, 12, 100].map(weightsAt))).toEqual(
    [8, 12, 100].map((step) => `${WEIGHTS_FILE} of ${step}`),
  )
})

test('a step that is saved again after a kill has what was saved last, and leftovers count for nothing', async () => {
  await save(4)
  await keepCheckpoint(folder, 4, 2)
  await mkdir(join(folder, 'checkpoints', '.8'))
  await writeFile(join(folder, 'checkpoints', '.8', WEIGHTS_FILE), 'half of')
  await save(4)
  await keepCheckpoint(folder, 4, 2)
  await save(8)
  await keepCheckpoint(folder, 8, 2)
  expect(await keptSteps(folder)).toEqual([4, 8])
  expect(await weightsAt(8)).toBe(`${WEIGHTS_FILE} of 8`)
})

test('a run that keeps none has none, also of an earlier start that kept some', async () => {
  await save(4)
  await keepCheckpoint(folder, 4, 2)
  await keepCheckpoint(folder, 8, 0)
  expect(await keptSteps(folder)).toEqual([])
})
