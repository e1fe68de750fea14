/**
 * Counts the multiply-adds of one run from ONNX Runtime's own trace, which holds the shapes that every operator really
 * saw. Matrix products and attention are counted, at two operations per multiply-add; elementwise work is not, as usual.
 */

type Shape = readonly number[]

/** One line of the trace, as far as it is used here. */
export interface TraceEvent {
  cat?: string
  args?: {
    op_name?: string
    input_type_shape?: readonly Readonly<Record<string, Shape>>[]
    output_type_shape?: readonly Readonly<Record<string, Shape>>[]
  }
}

const PRODUCTS = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'FusedGemm'])
const ATTENTION = new Set(['MultiHeadAttention', 'Attention'])

/** Floating point operations of all kernels in a trace of one run. @throws Error when the trace holds no kernel */
export function countOperations(trace: readonly TraceEvent[]): number {
  const kernels = trace.filter(({ cat, args }) => cat === 'Node' && args?.output_type_shape)
  if (kernels.length === 0) throw new Error('Expected kernels in the trace, found none.')
  return kernels.reduce((total, { args }) => {
    const inputs = shapesOf(args!.input_type_shape ?? [])
    const outputs = shapesOf(args!.output_type_shape ?? [])
    if (PRODUCTS.has(args!.op_name ?? '')) return total + productOperations(inputs[0]!, outputs[0]!)
    if (ATTENTION.has(args!.op_name ?? '')) return total + attentionOperations(inputs)
    return total
  }, 0)
}

/** `[…, M, K] x […, K, N]`: the side of the left matrix that the result does not have is what is summed over. */
function productOperations(left: Shape, result: Shape): number {
  const rows = result.at(-2) ?? 1
  const isTransposed = left.length > 1 && left.at(-1) === rows && left.at(-2) !== rows
  const summed = isTransposed ? left.at(-2)! : left.at(-1)!
  return 2 * sizeOf(result) * summed
}

/** Query [B, S, D], key [B, L, D], value [B, L, V]: scores and their product with the values. */
function attentionOperations([query, key, value]: readonly Shape[]): number {
  const [batch, queries, width] = query as [number, number, number]
  const context = key!.at(-2)!
  return 2 * batch * queries * context * (width + value!.at(-1)!)
}

function shapesOf(entries: readonly Readonly<Record<string, Shape>>[]): Shape[] {
  return entries.map((entry) => Object.values(entry)[0] ?? [])
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}
