/**
 * Every differentiable operation against central differences. The loss is linear in the operation's result with random
 * coefficients, so that no component of the gradient can hide.
 */
import * as g from '@posterior/graph'
import { describe, expect, test } from 'vitest'
import { normals, openGraph, type Values } from './run-graph.ts'

interface Case {
  readonly name: string
  readonly inputs: Record<string, readonly (number | string)[]>
  readonly build: (inputs: Record<string, g.Tensor>) => g.Tensor
  readonly sizes?: Record<string, number>
  /** Makes inputs positive where the operation needs it. */
  readonly positive?: boolean
}

const CASES: Case[] = [
  { name: 'add, broadcast', inputs: { a: ['n', 3], b: [3] }, build: ({ a, b }) => g.add(a!, b!) },
  { name: 'sub, broadcast', inputs: { a: ['n', 3], b: ['n', 1] }, build: ({ a, b }) => g.sub(a!, b!) },
  { name: 'mul, broadcast', inputs: { a: [2, 'n', 3], b: ['n', 1] }, build: ({ a, b }) => g.mul(a!, b!) },
  { name: 'div', inputs: { a: ['n', 3], b: ['n', 3] }, positive: true, build: ({ a, b }) => g.div(a!, b!) },
  { name: 'exp', inputs: { a: ['n', 3] }, build: ({ a }) => g.exp(a!) },
  { name: 'log', inputs: { a: ['n', 3] }, positive: true, build: ({ a }) => g.log(a!) },
  { name: 'sqrt', inputs: { a: ['n', 3] }, positive: true, build: ({ a }) => g.sqrt(a!) },
  { name: 'square', inputs: { a: ['n', 3] }, build: ({ a }) => g.square(a!) },
  { name: 'relu', inputs: { a: ['n', 3] }, build: ({ a }) => g.relu(a!) },
  { name: 'sigmoid', inputs: { a: ['n', 3] }, build: ({ a }) => g.sigmoid(a!) },
  { name: 'GELU', inputs: { a: ['n', 3] }, build: ({ a }) => g.gelu(a!) },
  { name: 'SiLU', inputs: { a: ['n', 3] }, build: ({ a }) => g.silu(a!) },
  { name: 'softmax', inputs: { a: ['n', 5] }, build: ({ a }) => g.softmax(a!) },
  {
    name: 'matmul, shared weight',
    inputs: { a: [2, 'n', 3], b: [3, 4] },
    build: ({ a, b }) => g.matmul(a!, b!),
  },
  {
    name: 'matmul, batched',
    inputs: { a: ['n', 2, 3], b: ['n', 3, 4] },
    build: ({ a, b }) => g.matmul(a!, b!),
  },
  {
    name: 'matmul, broadcast',
    inputs: { a: ['n', 2, 3], b: [1, 3, 4] },
    build: ({ a, b }) => g.matmul(a!, b!),
  },
  { name: 'sum over two axes', inputs: { a: [2, 'n', 3] }, build: ({ a }) => g.sum(a!, [0, 1]) },
  { name: 'mean over a symbolic axis', inputs: { a: [2, 'n', 3] }, build: ({ a }) => g.mean(a!, [1], true) },
  { name: 'mean of all', inputs: { a: ['n', 3] }, build: ({ a }) => g.meanAll(a!) },
  { name: 'transpose', inputs: { a: [2, 'n', 3] }, build: ({ a }) => g.transpose(a!, [2, 0, 1]) },
  { name: 'reshape', inputs: { a: ['n', 4] }, build: ({ a }) => g.reshape(a!, ['n', 2, 2]) },
  {
    name: 'expand',
    inputs: { a: ['n', 1, 3], b: [3] },
    build: ({ a, b }) => g.mul(g.expand(a!, ['n', 4, 3]), b!),
  },
  {
    name: 'concat around a symbolic part',
    inputs: { a: [2, 3], b: ['n', 3], c: [1, 3] },
    build: ({ a, b, c }) => g.concat([a!, b!, c!], 0),
  },
  {
    name: 'slice to the end',
    inputs: { a: ['n', 6] },
    build: ({ a }) => g.slice(a!, 1, 2, Number.POSITIVE_INFINITY, 4),
  },
  {
    name: 'slice from the front of a symbolic axis',
    inputs: { a: ['n', 3] },
    build: ({ a }) => g.slice(a!, 0, 1, 3, 2),
  },
  { name: 'slice from the middle', inputs: { a: ['n', 6] }, build: ({ a }) => g.slice(a!, 1, 1, 4, 3) },
  { name: 'RMSNorm', inputs: { a: ['n', 8] }, build: ({ a }) => g.rmsNorm(a!) },
  { name: 'squared ReLU', inputs: { a: ['n', 8] }, build: ({ a }) => g.reluSquared(a!) },
  {
    name: 'attention, one head',
    inputs: { q: [2, 'n', 6], k: [2, 5, 6], v: [2, 5, 4] },
    build: ({ q, k, v }) => g.attention(q!, k!, v!, { heads: 1, scale: 0.7 }),
  },
  {
    name: 'attention, three heads',
    inputs: { q: ['n', 3, 6], k: ['n', 5, 6], v: ['n', 5, 9] },
    build: ({ q, k, v }) => g.attention(q!, k!, v!, { heads: 3, scale: 0.7 }),
  },
]

const SIZES: Record<string, number> = { n: 4 }

for (const lowering of ['portable', 'differentiable'] as const) {
  describe(`gradients agree with central differences (${lowering})`, () => {
    test.each(CASES)('$name', async (testCase) => {
      const graph = new g.Graph({ lowering })
      const tensors = Object.fromEntries(
        Object.entries(testCase.inputs).map(([name, shape]) => [name, graph.input(name, shape)]),
      )
      const result = testCase.build(tensors)
      const loss = g.sumAll(g.mul(result, graph.input('coefficients', result.shape)))
      graph.output('loss', loss)
      const names = Object.keys(tensors)
      g.gradients(loss, Object.values(tensors)).forEach((gradient, i) => {
        graph.output(`d${names[i]}`, gradient!)
      })
      const size = (dim: number | string) => (typeof dim === 'number' ? dim : evaluate(dim))
      const feeds: Values = { coefficients: normals('coefficients', ...result.shape.map(size)) }
      for (const [name, shape] of Object.entries(testCase.inputs)) {
        const value = normals(name, ...shape.map(size))
        if (testCase.positive) value.data = value.data.map((x) => Math.abs(x) + 0.5)
        feeds[name] = value
      }
      const open = await openGraph(graph)
      try {
        const gradients = await open.run(feeds)
        for (const name of names) {
          const { data } = feeds[name]!
          for (let i = 0; i < data.length; i++) {
            const slope = await centralDifference(open.run, feeds, data, i)
            expect(Math.abs(gradients[`d${name}`]![i]! - slope)).toBeLessThan(
              2e-3 * Math.max(1, Math.abs(slope)),
            )
          }
        }
      } finally {
        await open.close()
      }
    })
  })
}

async function centralDifference(
  run: (feeds: Values) => Promise<Record<string, Float32Array>>,
  feeds: Values,
  data: Float32Array,
  index: number,
): Promise<number> {
  const step = 2 ** -8
  const middle = data[index]!
  data[index] = middle + step
  const above = (await run(feeds))['loss']![0]!
  data[index] = middle - step
  const below = (await run(feeds))['loss']![0]!
  data[index] = middle
  return (above - below) / (2 * step)
}

/** Sizes of these tests are sums of numbers and `n`. */
function evaluate(dim: string): number {
  return dim
    .split('+')
    .map((term) => SIZES[term.trim()] ?? Number(term))
    .reduce((a, b) => a + b, 0)
}
