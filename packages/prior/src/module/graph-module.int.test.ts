/** Modules whose tasks are tables with a graph behind them. */
import { Random } from '@posterior/tabular'
import { afterAll, expect, test } from 'vitest'
import { planBatch } from '../catalogue/catalogue-batch.ts'
import { checkModule } from './check-module.ts'
import { drawModuleBatch, drawModuleTables, requireTrainableModule } from './module-batch.ts'
import { moduleSizes } from './module-sizes.ts'
import { ModuleSource } from './module-source.ts'

const opened: ModuleSource[] = []
afterAll(() => {
  for (const source of opened) source.close()
})

const OUTPUTS = "outputs: [{ name: 'X', shape: '(n, d)' }, { name: 'A', type: 'graph', shape: '(d, d)' }]"

/** Chains whose columns stand in random order; `body` may change X and A. */
async function open(body = '', { outputs = OUTPUTS, d = '[3, 4]', more = '' } = {}): Promise<ModuleSource> {
  const code = `export default definePrior({
    ${outputs}, ${more}
    parameters: { n: { type: 'int', range: [24, 40] }, d: { type: 'int', range: ${d} } },
    sample(random, { n, d }) {
      const order = [...random.permutation(d)]
      const A = order.map(() => order.map(() => 0))
      for (let i = 1; i < d; i++) A[order[i - 1]][order[i]] = 1
      const X = Array.from({ length: n }, () => {
        const row = order.map(() => 0)
        order.forEach((k, i) => { row[k] = (i > 0 ? row[order[i - 1]] : 0) + random.exponential() })
        return row
      })
      ${body}
      return { X, A }
    },
  })`
  const source = await ModuleSource.open({ file: 'prior.ts', code }, { id: 'mine' })
  opened.push(source)
  return source
}

const planOf = ({ module }: ModuleSource) =>
  planBatch(requireTrainableModule(module, {}), {}, { cells: 600, maxDatasets: 3 }, Random.fromSeed('plan'))

test('tables are planned whole, and their graphs come with them', async () => {
  const source = await open()
  expect(moduleSizes(source.module, {})).toEqual({
    ...{ task: 'discovery', rows: [24, 40], columns: [3, 4], classes: [0, 0], inputs: { kind: 'table' } },
  })
  const spec = planOf(source)
  expect(spec).toMatchObject({ task: 'discovery', test: 0, batch: 3 })
  const { train, features } = spec
  const random = () => Random.fromSeed('batch')
  const batch = await drawModuleBatch(source, spec, { random: random(), half: 'training' })
  expect(batch.families).toEqual(['mine', 'mine', 'mine'])
  expect(batch.xTrain).toHaveLength(3 * train * features * 4)
  const { adjacency, pairs } = batch.graphs!
  const draws = Array.from({ length: 3 }, (_, b) => random().fork('dataset', b))
  const tables = await drawModuleTables(source, spec, { draws, half: 'training' })
  expect([...adjacency]).toEqual(tables.flatMap(({ graph }) => [...graph]))
  expect(adjacency.reduce((sum, edge) => sum + edge, 0)).toBe(3 * (features - 1))
  expect(pairs.reduce((sum, share) => sum + share, 0)).toBeCloseTo(3, 5)

  const again = await drawModuleBatch(source, spec, { random: random(), half: 'training' })
  expect(again).toEqual(batch)
  const held = await drawModuleBatch(source, spec, { random: random(), half: 'held out' })
  expect(held.xTrain).not.toEqual(batch.xTrain)
})

test('graphs that their tables tell of are found to be learnable', async () => {
  const { usable, learnability, tasks } = await checkModule(await open())
  expect([usable, tasks]).toEqual([1, 32])
  expect(learnability.certainty).toBeGreaterThan(5)
})

test.each([
  [
    'a graph that is not square',
    'A.pop()',
    /A has the shape \(2, 3\), but its declaration \(d, d\) makes it \(3, 3\)/,
  ],
  ['weights in place of edges', 'A[0][1] = 0.7', /A\[0\]\[1\] is 0.7; a graph has 0 and 1/],
  ['an edge that is no number', 'A[0][1] = NaN', /A\[0\]\[1\] is NaN; every number must be finite/],
  ['a column that causes itself', 'A[2][2] = 1', /A\[2\]\[2\] is 1; nothing causes itself/],
  ['a cycle', 'A[0][1] = A[1][0] = 1', /A has a cycle, columns 0 -> 1 -> 0 /],
  [
    'no edge in any graph',
    'for (const row of A) row.fill(0)',
    /none of 32 tasks can be learned from: no graph/,
  ],
  [
    'tables that tell nothing of the graph',
    'for (const row of X) for (let j = 0; j < d; j++) row[j] = random.normal()',
    /the columns told nothing of the graph .* add "allowUnlearnable: true"/,
  ],
])('%s is refused with what was expected', async (_, body, message) => {
  const source = await open(body, { d: '[3, 3]' })
  const error = await checkModule(source).catch((reason: Error) => reason)
  expect(String((error as Error).message)).toMatch(message)
  if (/none|nothing of/.test(message.source)) return
  expect((error as Error).message).toMatch(/Drawn with parameters \{"n":24,"d":3\}, seed 1000000\./)
})

test('sizes without a pair of columns, and undeclared ones, are refused before anything is drawn', async () => {
  const single = await open('', { d: '[1, 4]' })
  expect(() => moduleSizes(single.module, {})).toThrow(
    'tables with a graph have at least 8 rows and 2 to 64 columns, its sizes give 24 by 1',
  )
  expect(moduleSizes(single.module, { d: [2, 3] }).columns).toEqual([2, 3])
  const wide = await open('', { d: '[3, 65]' })
  expect(() => moduleSizes(wide.module, {})).toThrow('its sizes give 40 by 65')
  const loose = await open('', { outputs: "outputs: [{ name: 'X', shape: '(n, d)' }, { name: 'A' }]" })
  expect(() => requireTrainableModule(loose.module, {})).toThrow(
    "declare the shape of A by parameters or numbers: outputs: [{ name: 'A', type: 'graph', shape: '(2, 2)' }, ...]",
  )
})

test('an author may say that the tables need not tell', async () => {
  const noise = 'for (const row of X) for (let j = 0; j < d; j++) row[j] = random.normal()'
  const source = await open(noise, { more: 'allowUnlearnable: true,' })
  expect((await checkModule(source)).learnability.certainty).toBeLessThan(2)
})
