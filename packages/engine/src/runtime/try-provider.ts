/** The program that tries one provider: multiplies a small matrix with itself and tells what went wrong. */
import { Graph, matmul, serialize } from '@posterior/graph'
import { openSession } from './onnx.ts'
import type { Provider } from './providers.ts'

const MATRIX = Float32Array.from([1, 2, 3, 4])
const SQUARE = [7, 10, 15, 22]

/** Longest text of a problem, in characters: ONNX Runtime writes paths of its build machine. */
const MAX_TEXT = 200

async function trial(provider: Provider): Promise<string | null> {
  const graph = new Graph()
  const x = graph.input('x', [2, 2])
  graph.output('y', matmul(x, x))
  const session = await openSession(serialize(graph, { name: 'trial' }).bytes, { threads: 1, provider })
  const { y } = await session.run({ x: { data: MATRIX, dims: [2, 2] } })
  const isRight = SQUARE.every((value, i) => Math.abs(Number(y!.data[i]) - value) < 1e-3)
  return isRight ? null : `it computed ${[...y!.data].join(', ')} instead of ${SQUARE.join(', ')}`
}

function textOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
  const reason = text.split(' was false. ').at(-1)!
  return reason.length > MAX_TEXT ? `${reason.slice(0, MAX_TEXT)}...` : reason
}

const problem = await trial(process.argv[2] as Provider).catch(textOf)
process.send?.({ problem }, () => process.exit(0))
