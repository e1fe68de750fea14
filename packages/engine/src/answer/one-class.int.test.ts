/** A context of one class: legitimate for a brain, which knows how many classes its world has, and refused elsewhere. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Predictor } from '@posterior/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usePredictor } from '../../../../tests/support/predictor-fixture.ts'
import type { ClassesAnswer } from './answer-job.ts'

const NANO = fileURLToPath(new URL('../../../../models/nano', import.meta.url))

const fixture = usePredictor()
let predictor: Predictor
let brain: string

beforeAll(async () => {
  predictor = new Predictor({ ...fixture.settings, modelDirs: [] })
  brain = await mkdtemp(join(tmpdir(), 'posterior-one-class-'))
  const manifest = JSON.parse(await readFile(join(NANO, 'manifest.json'), 'utf8'))
  // What makes a model a brain of a prior is that it says which rows it takes.
  manifest.inputs = { kind: 'rows' }
  manifest.trainedRange = { ...manifest.trainedRange, classes: [2, 2] }
  await writeFile(join(brain, 'manifest.json'), JSON.stringify(manifest))
  await copyFile(join(NANO, 'model.safetensors'), join(brain, 'model.safetensors'))
})
afterAll(async () => {
  await predictor.close()
  await rm(brain, { recursive: true, force: true })
})

const rows = (values: number[]) => ({ rows: values.length, columns: 1, values: Float64Array.from(values) })
const ask = (folder: string, label: number) =>
  predictor.answer({
    model: { folder },
    task: 'classification',
    x: rows([0, 1, 2, 3]),
    y: Float64Array.from([label, label, label, label]),
    query: rows([4, 5]),
    options: { balanceProbabilities: true },
  }) as Promise<ClassesAnswer>

test.each([
  [1, [0, 1]],
  [0, [0, 1]],
  [7, [0, 7]],
])('a brain answers a context of %d alone with the classes that its world has', async (label, classes) => {
  const { classes: known, probabilities, labels } = await ask(brain, label)
  expect(known).toEqual(classes)
  expect(probabilities.length).toBe(4)
  for (const row of [0, 2]) {
    expect(probabilities[row]! + probabilities[row + 1]!).toBeCloseTo(1, 9)
    expect(Math.min(probabilities[row]!, probabilities[row + 1]!)).toBeGreaterThan(0)
  }
  for (const own of labels) expect(classes).toContain(own)
})

test('another model refuses it, for nobody knows what else there could be', async () => {
  await expect(ask(NANO, 1)).rejects.toMatchObject({ code: 'one_class' })
})
