/** Float32 sums at the sizes where a naive one loses digits: 4e-5 at 356k elements, 6e-4 at 5.5M. */
import { Graph, meanAll, sum, sumAll } from '@posterior/graph'
import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { openGraph } from './run-graph.ts'

function positive(length: number): Float32Array {
  const random = Random.fromSeed('long sums', length)
  return Float32Array.from({ length }, () => random.uniform())
}

test.each([2_000, 356_003, 5_500_000])('a sum of %i elements is exact to 5e-7', async (length) => {
  const graph = new Graph()
  const x = graph.input('x', ['n', 1])
  graph.output('sum', sumAll(x))
  graph.output('mean', meanAll(x))
  const values = positive(length)
  const exact = values.reduce((total, value) => total + value, 0)
  const open = await openGraph(graph)
  const result = await open.run({ x: { data: values, dims: [length, 1] } })
  await open.close()
  expect(Math.abs(result['sum']![0]! / exact - 1)).toBeLessThan(5e-7)
  expect(Math.abs((result['mean']![0]! * length) / exact - 1)).toBeLessThan(5e-7)
})

test('a sum over several axes is taken axis by axis', async () => {
  const graph = new Graph()
  graph.output('sum', sum(graph.input('x', ['b', 700, 'n', 2]), [0, 1, 2]))
  const dims = [16, 700, 60, 2]
  const values = positive(dims.reduce((a, b) => a * b))
  const exact = [0, 0]
  values.forEach((value, i) => {
    exact[i % 2]! += value
  })
  const open = await openGraph(graph)
  const { sum: sums } = await open.run({ x: { data: values, dims } })
  await open.close()
  expect(Math.abs(sums![0]! / exact[0]! - 1)).toBeLessThan(5e-7)
  expect(Math.abs(sums![1]! / exact[1]! - 1)).toBeLessThan(5e-7)
})
