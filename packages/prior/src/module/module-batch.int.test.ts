/** A module as a source of tasks: the same numbers as the catalogue, pure in seeds, judged before it is trained on. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@posterior/tabular'
import { afterAll, expect, test } from 'vitest'
import { requirePrior } from '../catalogue/catalogue.ts'
import { planBatch } from '../catalogue/catalogue-batch.ts'
import { samplePrior } from '../catalogue/sample-prior.ts'
import { checkModule } from './check-module.ts'
import { drawModuleBatch, drawModuleTasks, requireTrainableModule } from './module-batch.ts'
import { ModuleSource } from './module-source.ts'
import { sampleModule } from './sample-module.ts'

const ROOT = join(import.meta.dirname, ...Array(4).fill('..'))
const read = (example: string) => readFileSync(join(ROOT, 'examples', 'priors', example, 'prior.ts'), 'utf8')
const BUDGET = { cells: 1_000, maxDatasets: 4 }
const opened: ModuleSource[] = []
afterAll(() => {
  for (const source of opened) source.close()
})

async function open(code: string, file = 'prior.ts'): Promise<ModuleSource> {
  const source = await ModuleSource.open({ file, code }, { id: 'mine' })
  opened.push(source)
  return source
}

const example = open(read('linear-regression'))

const ROWS = `outputs: [{ name: 'X', shape: '(n, 2)' }, { name: 'y', shape: '(n)' }], parameters: { n: { type: 'int', range: [20, 60] } }`
const prior = (body: string, more = ROWS) =>
  `export default definePrior({ ${more}, sample(random, { n }) { ${body} } })`
const table = 'const X = Array.from({ length: n }, () => [random.normal(), random.normal()])'

test.each([
  ['linear-regression', { noise_scale: [0.1, 0.2] }],
  ['linear-scm', { d: [3, 5], weight_range: [0.1, 3] }],
] as const)(
  'the example of %s draws what the catalogue draws, number for number',
  async (slug, overrides) => {
    const source = slug === 'linear-regression' ? await example : await open(read(slug))
    const ours = await sampleModule(source, { count: 4, seed: 7, overrides })
    const theirs = samplePrior(requirePrior(slug), { count: 4, seed: 7, overrides })
    for (const [i, { seed, parameters, values }] of ours.samples.entries()) {
      expect({ seed, parameters }).toEqual({
        seed: theirs.samples[i]!.seed,
        parameters: theirs.samples[i]!.parameters,
      })
      expect(values).toEqual(theirs.samples[i]!.values)
    }
  },
)

test('a batch is a function of its spec and seed, and held-out tasks are others than those trained on', async () => {
  const source = await example
  const spec = planBatch(requireTrainableModule(source.module, {}), {}, BUDGET, Random.fromSeed('plan'))
  expect(spec.train + spec.test).toBe(spec.source!.shape['num_points'])
  const draw = (half: 'training' | 'held out', seed: number) =>
    drawModuleBatch(source, spec, { random: Random.fromSeed('batch', seed), half })
  const [first, again, held, other] = [
    await draw('training', 1),
    await draw('training', 1),
    await draw('held out', 1),
    await draw('training', 2),
  ]
  expect(again).toEqual(first)
  expect(held!.yTest).not.toEqual(first!.yTest)
  expect(other!.yTest).not.toEqual(first!.yTest)
  expect(first!.families).toEqual(Array(spec.batch).fill('mine'))
  expect(first!.xTrain.every(Number.isFinite) && first!.yTest.every(Number.isFinite)).toBe(true)
})

test('each task of a batch can be drawn again by the seed that an error names', async () => {
  const code = prior(`${table}; if (n < 60) throw new Error('too few'); return { X, y: X.map(([a]) => a) }`)
  const source = await open(code)
  const trainable = requireTrainableModule(source.module, {})
  const spec = planBatch(trainable, { n: 30 }, BUDGET, Random.fromSeed('plan'))
  const draws = [Random.fromSeed(3)]
  const error = await drawModuleTasks(source, spec, { draws, half: 'training' }).catch((reason) => reason)
  expect(error.message).toMatch(
    /^prior.ts:1:\d+: Error: too few\n[^\n]*\n *\^\nDrawn with parameters \{"n":30\}, seed \d+\.$/,
  )
  const again = await source.draw([error.details.seed], { n: 30 }).catch((reason) => reason)
  expect(again.message).toBe(error.message)
})

test('classes are packed from the labels that a task has', async () => {
  const code = prior(
    `${table}; return { X, labels: X.map(([a]) => (a > 0.5 ? 2 : a > -0.5 ? 1 : 0)) }`,
    `outputs: [{ name: 'X', shape: '(n, 2)' }, { name: 'labels', shape: '(n)' }], classes: 'k',
     parameters: { n: { type: 'int', default: 40 }, k: { type: 'int', default: 3 } }`,
  )
  const source = await open(code)
  const spec = planBatch(requireTrainableModule(source.module, {}), {}, BUDGET, Random.fromSeed('plan'))
  expect([spec.task, spec.maxClasses]).toEqual(['classification', 3])
  const { classCounts } = await drawModuleBatch(source, spec, {
    random: Random.fromSeed(1),
    half: 'training',
  })
  expect([...classCounts].every((count) => count === 2 || count === 3)).toBe(true)
  expect((await checkModule(source)).usable).toBeGreaterThan(0.5)
})

test('a series is packed by time, and rows keep their order where the module fixes the context', async () => {
  const series = await open(`export default definePrior({
    kind: 'temporal', outputs: [{ name: 'y', shape: '(n)' }], lags: 3, season: 5,
    parameters: { n: { type: 'int', range: [40, 60] } },
    sample(random, { n }) { let y = 0; return { y: Array.from({ length: n }, () => (y = 0.9 * y + random.normal())) } },
  })`)
  const plan = planBatch(requireTrainableModule(series.module, {}), {}, BUDGET, Random.fromSeed('plan'))
  expect(plan.features).toBe(6)
  expect((await checkModule(series)).learnability.certainty).toBeGreaterThan(5)

  const fixed = await open(
    prior(`${table}; return { X, y: X.map((_, i) => i) }`, `${ROWS}, n_ctx: 12, allowUnlearnable: true`),
  )
  const spec = planBatch(requireTrainableModule(fixed.module, {}), { n: 20 }, BUDGET, Random.fromSeed('plan'))
  expect([spec.train, spec.test]).toEqual([12, 8])
  const [task] = await drawModuleTasks(fixed, spec, { draws: [Random.fromSeed(1)], half: 'training' })
  expect([...task!.y]).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('a prior without sizes can be looked at, and is refused for training with what to declare', async () => {
  const source = await open(
    `export default { outputs: [{ name: 'X' }, { name: 'y' }], sample: (random) => ({ X: [[1], [2]], y: [random.normal(), 2] }) }`,
  )
  const { samples } = await sampleModule(source, { count: 2 })
  expect(samples[0]!.values['X']!.shape).toEqual([2, 1])
  expect(() => requireTrainableModule(source.module, {})).toThrow(
    "to train on it, declare the shape of X by parameters or numbers: outputs: [{ name: 'X', type: 'tensor', shape: '(num_points, 2)' }, ...]",
  )
})

test('what is printed comes with the sample', async () => {
  const source = await open(
    prior(`console.log('n is', n, { n }); ${table}; return { X, y: X.map(([a]) => a) }`),
  )
  const { samples } = await sampleModule(source, { count: 1, overrides: { n: 20 } })
  expect(samples[0]!.logs).toEqual(['n is 20 {"n":20}'])
  const failing = await open(prior("console.log('before', n); throw new Error('here')"))
  await expect(sampleModule(failing, { seed: 1, overrides: { n: 20 } })).rejects.toThrow(
    'Drawn with parameters {"n":20}, seed 1.\nIt had printed:\n  before 20',
  )
})

test.each([
  [
    'NaN',
    `${table}; return { X, y: X.map(() => NaN) }`,
    /y\[0\] is NaN; every number must be finite\nDrawn with parameters \{"n":20\}, seed 1000000\./,
  ],
  [
    'the same task for every seed',
    'return { X: Array.from({ length: n }, (_, i) => [i, 1]), y: Array.from({ length: n }, (_, i) => i) }',
    /seeds gave the same task/,
  ],
  [
    'constant targets',
    `${table}; return { X, y: X.map(() => 3) }`,
    /none of 32 tasks can be learned from: the target is the same in every row/,
  ],
  [
    'targets that have nothing to do with the columns',
    `${table}; return { X, y: X.map(() => random.normal()) }`,
    /the columns told nothing of the target/,
  ],
  [
    'a row too few at the end of a range',
    `${table}; return { X: X.slice(n === 60 ? 1 : 0), y: X.map(([a]) => a) }`,
    /X has the shape \(59, 2\), but its declaration \(n, 2\) makes it \(60, 2\)/,
  ],
])('a prior that gives %s is refused before it is trained on', async (_, body, message) => {
  // The seeds differ, but parameters must not.
  const fixed = ROWS.replace('range: [20, 60]', body.includes('=== 60') ? 'range: [20, 60]' : 'default: 20')
  await expect(checkModule(await open(prior(body, fixed)))).rejects.toThrow(message)
})

test('a prior that teaches passes, and one that says it need not teach passes too', async () => {
  const fine = await checkModule(await example)
  expect(fine.usable).toBe(1)
  expect(fine.learnability.certainty).toBeGreaterThan(5)
  const coin = await open(
    prior(`${table}; return { X, y: X.map(() => random.normal()) }`, `${ROWS}, allowUnlearnable: true`),
  )
  expect((await checkModule(coin)).learnability.certainty).toBeLessThan(2)
})
