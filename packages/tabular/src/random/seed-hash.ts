/**
 * Seed parts to a 128-bit generator state. Four lanes of a multiply-rotate hash in the manner of MurmurHash3, each
 * with its own odd constants, crossed at the end so that every output word depends on every input word. Parts are
 * framed by their type and length: ('ab', 'c') and ('a', 'bc') and (1) and ('1') give different states. Not
 * cryptographic.
 */

const floatView = new DataView(new ArrayBuffer(8))

/**
 * Hash seed parts into four 32-bit words.
 *
 * @param parts finite numbers (by value: 1 and 1.0 are the same, -0 is 0) and strings (by UTF-16 code unit)
 * @returns four unsigned 32-bit integers
 * @throws TypeError when a number is NaN or infinite
 */
export function hashSeedParts(parts: readonly (number | string)[]): Uint32Array {
  const lanes = Uint32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667)
  for (const part of parts) {
    if (typeof part === 'string') {
      absorb(lanes, 0x73000000 ^ part.length)
      for (let i = 0; i < part.length; i++) absorb(lanes, part.charCodeAt(i))
    } else {
      if (!Number.isFinite(part)) {
        throw new TypeError(
          `A seed part must be a finite number or a string, got ${part}. Pass an integer seed.`,
        )
      }
      floatView.setFloat64(0, part === 0 ? 0 : part)
      absorb(lanes, 0x6e000008)
      absorb(lanes, floatView.getUint32(0))
      absorb(lanes, floatView.getUint32(4))
    }
  }
  absorb(lanes, parts.length)
  return finish(lanes)
}

function absorb(lanes: Uint32Array, word: number): void {
  lanes[0] = Math.imul(rotateLeft(lanes[0]! ^ Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
  lanes[1] = Math.imul(rotateLeft(lanes[1]! ^ Math.imul(word, 0x239b961b), 17), 0xab0e9789) + lanes[0]!
  lanes[2] = Math.imul(rotateLeft(lanes[2]! ^ Math.imul(word, 0x38b34ae5), 13), 0xa1e38b93) + lanes[1]!
  lanes[3] = Math.imul(rotateLeft(lanes[3]! ^ Math.imul(word, 0x85ebca6b), 19), 0xc2b2ae35) + lanes[2]!
}

function finish(lanes: Uint32Array): Uint32Array {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) lanes[i] = mix(lanes[i]! + lanes[(i + 3) & 3]!)
  }
  return lanes
}

/** The 32-bit finaliser of MurmurHash3. */
function mix(word: number): number {
  let h = word ^ (word >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
