/**
 * CRC32C (Castagnoli), the checksum that the upload protocol uses, eight bytes per step with eight tables ("slicing by
 * 8", Kounavis and Berry 2005), and the checksum of joined parts from the checksums of the parts (Mark Adler's
 * crc32_combine: appending n zero bytes is a linear map over GF(2), applied by squaring).
 */

/** Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78

const TABLES = buildTables()

function buildTables(): Uint32Array[] {
  const first = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    first[byte] = crc >>> 0
  }
  const tables = [first]
  for (let slice = 1; slice < 8; slice++) {
    const previous = tables[slice - 1]!
    tables.push(previous.map((crc) => (crc >>> 8) ^ first[crc & 0xff]!))
  }
  return tables
}

/**
 * Continue a checksum over more bytes.
 *
 * @param crc checksum of the bytes before, 0 for none
 * @returns unsigned 32-bit number
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  let c = ~crc
  let i = 0
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = c ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    c =
      t7[low & 0xff]! ^
      t6[(low >>> 8) & 0xff]! ^
      t5[(low >>> 16) & 0xff]! ^
      t4[low >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t0[(c ^ bytes[i]!) & 0xff]!
  return ~c >>> 0
}

/** Checksum of A followed by B, from the checksum of A, that of B, and the length of B in bytes. */
export function combineCrc32c(crcA: number, crcB: number, lengthB: number): number {
  if (lengthB === 0) return crcA >>> 0
  // Column i of `shift` is what one bit i of the checksum becomes; start with one zero bit, square up to one zero byte.
  let shift = new Uint32Array(32)
  shift[0] = POLYNOMIAL
  for (let bit = 1; bit < 32; bit++) shift[bit] = 2 ** (bit - 1)
  for (let doubling = 0; doubling < 3; doubling++) shift = square(shift)
  let crc = crcA
  for (let remaining = lengthB; remaining > 0; remaining = Math.floor(remaining / 2)) {
    if (remaining % 2 === 1) crc = apply(shift, crc)
    if (remaining > 1) shift = square(shift)
  }
  return (crc ^ crcB) >>> 0
}

function apply(matrix: Uint32Array, vector: number): number {
  let sum = 0
  for (let bit = 0, rest = vector >>> 0; rest !== 0; bit++, rest >>>= 1) if (rest & 1) sum ^= matrix[bit]!
  return sum >>> 0
}

function square(matrix: Uint32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(matrix, (column) => apply(matrix, column))
}

/** The wire form: four bytes, big-endian, standard base64. */
export function encodeCrc32c(crc: number): string {
  const bytes = [crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff]
  return btoa(String.fromCharCode(...bytes))
}
