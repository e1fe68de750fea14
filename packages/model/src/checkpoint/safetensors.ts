/**
 * The safetensors file format (version 1): eight bytes of header length, a JSON header, then the tensors' bytes,
 * little-endian and row-major. Float32 alone is written; float32 and float16 are read.
 */
import type { WeightTensor } from '../parameters.ts'

/** The format's own limit on the header. */
const MAX_HEADER_BYTES = 100_000_000
const ALIGNMENT = 8

/** A file that is not what the format says; the message tells where. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

export interface SafetensorsFile {
  readonly tensors: Map<string, WeightTensor>
  readonly metadata: Record<string, string>
}

/** Serialise tensors in the order of the map. The result depends on the contents alone. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, WeightTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {}
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    checkSize(name, shape, data.length)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT
  const out = new Uint8Array(8 + headerBytes + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true)
  out.fill(0x20, 8, 8 + headerBytes)
  out.set(json, 8)
  let at = 8 + headerBytes
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}

/**
 * Read a file. The tensors are copies; `bytes` may be reused.
 *
 * @throws SafetensorsError when the header is not valid, a tensor lies outside the file or has another type
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8)
    throw new SafetensorsError(`a safetensors file has at least 8 bytes, this has ${bytes.length}`)
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (headerBytes > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8))) {
    throw new SafetensorsError(`the header claims ${headerBytes} bytes, the file has ${bytes.length}`)
  }
  const start = 8 + Number(headerBytes)
  const header = parseHeader(bytes.subarray(8, start))
  const body = bytes.subarray(start)
  const tensors = new Map<string, WeightTensor>()
  const metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry as object)) metadata[key] = String(value)
    } else {
      tensors.set(name, readTensor(name, entry, body))
    }
  }
  return { tensors, metadata }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new SafetensorsError('the header is not JSON', { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new SafetensorsError('the header is not a JSON object')
  }
  return header as Record<string, unknown>
}

function readTensor(name: string, entry: unknown, body: Uint8Array): WeightTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  const isIntegers = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
  if (!isIntegers(shape) || !isIntegers(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(`tensor "${name}" needs a shape and two data offsets`)
  }
  const [begin, end] = offsets as [number, number]
  if (begin > end || end > body.length) {
    throw new SafetensorsError(
      `tensor "${name}" lies at ${begin}..${end}, the file has ${body.length} bytes of data`,
    )
  }
  // Not `slice`: that of a Node Buffer is a view, at an offset that typed arrays cannot start from.
  const copy = new Uint8Array(body.subarray(begin, end))
  if (dtype === 'F32' && copy.length % 4 === 0) {
    const data = new Float32Array(copy.buffer, 0, copy.length / 4)
    checkSize(name, shape, data.length)
    return { shape, data }
  }
  if (dtype === 'F16' && copy.length % 2 === 0) {
    const data = halfToFloat(new Uint16Array(copy.buffer, 0, copy.length / 2))
    checkSize(name, shape, data.length)
    return { shape, data }
  }
  throw new SafetensorsError(
    `tensor "${name}" has type ${String(dtype)} and ${copy.length} bytes; F32 or F16 expected`,
  )
}

function checkSize(name: string, shape: readonly number[], length: number): void {
  const expected = shape.reduce((a, b) => a * b, 1)
  if (expected !== length) {
    throw new SafetensorsError(
      `tensor "${name}" of shape [${shape}] needs ${expected} values, it has ${length}`,
    )
  }
}

function halfToFloat(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 0x1f
    const fraction = half & 0x3ff
    if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024)
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
  })
}
