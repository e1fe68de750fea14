import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { requirePrior } from '../catalogue/catalogue.ts'
import { type DiscoveryTask, packDiscovery } from '../catalogue/pack/discovery.ts'
import { drawParameters } from '../catalogue/parameters.ts'
import { graphLearnability, pairFacts } from './graph-learnability.ts'

function tablesOf(slug: string): DiscoveryTask[] {
  const prior = requirePrior(slug)
  return Array.from({ length: 32 }, (_, i) => {
    const random = Random.fromSeed('tables', i)
    return packDiscovery(prior.sample(drawParameters(prior.parameters, {}, random), random))
  })
}

test.each(['linear-scm', 'chain-scm'])('tables of %s tell something of their graphs', (slug) => {
  const { skill, certainty } = graphLearnability(tablesOf(slug).map(pairFacts))
  expect(skill).toBeGreaterThan(0.05)
  expect(certainty).toBeGreaterThan(5)
})

test('graphs that have nothing to do with their tables are not learned', () => {
  const tables = tablesOf('linear-scm').map((table, i) => {
    const order = Random.fromSeed('another order', i).permutation(table.columns.length)
    const noise = Random.fromSeed('noise', i)
    const columns = [...order].map((j) => ({
      ...table.columns[j]!,
      values: table.columns[j]!.values.map(() => noise.normal()),
    }))
    return { ...table, columns }
  })
  expect(graphLearnability(tables.map(pairFacts)).certainty).toBeLessThan(2)
})

test('columns that repeat others, or never vary, are looked at all the same', () => {
  const values = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i))
  const columns = [values, values, new Float64Array(50)].map((each, j) => ({
    ...{ name: `x${j}`, categorical: false },
    values: each,
  }))
  const { seen, isEdge } = pairFacts({ columns, graph: Float64Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0) })
  expect(seen.flat().every(Number.isFinite)).toBe(true)
  expect(isEdge).toEqual([true, false, false, false, false, false])
})
