/**
 * A protobuf writer: the wire types that ONNX uses, nothing else.
 * Field numbers are those of onnx.proto (see `model-proto.ts`).
 */
export class ProtoWriter {
  #chunks: Uint8Array[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** An integer field; negative numbers take ten bytes, as int64 fields do. */
  int(field: number, value: number | bigint): this {
    this.#varint((field << 3) | 0)
    return this.#varint(value)
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5)
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#push(bytes)
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2)
    this.#varint(value.length)
    return this.#push(value)
  }

  message(field: number, write: (nested: ProtoWriter) => void): this {
    const nested = new ProtoWriter()
    write(nested)
    this.#varint((field << 3) | 2)
    this.#varint(nested.#size)
    for (const chunk of nested.#chunks) this.#push(chunk)
    return this
  }

  /** Repeated integers in packed form. */
  packedInts(field: number, values: readonly number[]): this {
    if (values.length === 0) return this
    return this.message(field, (nested) => {
      for (const value of values) nested.#varint(value)
    })
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#size)
    let offset = 0
    for (const chunk of this.#chunks) {
      out.set(chunk, offset)
      offset += chunk.length
    }
    return out
  }

  #varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value))
    const bytes: number[] = []
    do {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      bytes.push(rest === 0n ? low : low | 0x80)
    } while (rest !== 0n)
    return this.#push(Uint8Array.from(bytes))
  }

  #push(bytes: Uint8Array): this {
    this.#chunks.push(bytes)
    this.#size += bytes.length
    return this
  }
}
