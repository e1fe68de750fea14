/**
 * numpy's legacy random generator (`numpy.random.RandomState`): MT19937 of Matsumoto and Nishimura (1998) with numpy's
 * integer seeding, and the two draws that scikit-learn's splitters make. Only here so that the stored splits can be
 * rebuilt exactly; the product itself uses the generator of `tabular`.
 */

const SIZE = 624
const SHIFT = 397

/** The stream of `numpy.random.RandomState(seed)`. */
export class RandomState {
  readonly #state = new Uint32Array(SIZE)
  #position = SIZE

  /** @param seed integer, 0 ≤ seed < 2^32 */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`Expected a seed that is an integer from 0 to 2^32 - 1, got ${seed}.`)
    }
    let value = seed >>> 0
    for (let i = 0; i < SIZE; i++) {
      this.#state[i] = value
      value = (Math.imul(1812433253, value ^ (value >>> 30)) + i + 1) >>> 0
    }
  }

  /** The next 32 random bits, as an unsigned integer. */
  nextUint32(): number {
    if (this.#position === SIZE) this.#twist()
    let y = this.#state[this.#position++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  /** Uniform integer from 0 to `max` inclusive, by masked rejection as numpy's `random_interval` does. */
  interval(max: number): number {
    if (max === 0) return 0
    const mask = 2 ** (32 - Math.clz32(max)) - 1
    let value = this.nextUint32() & mask
    while (value >>> 0 > max) value = this.nextUint32() & mask
    return value >>> 0
  }

  /** `RandomState.permutation(n)`: the numbers 0 to n - 1, shuffled from the end. */
  permutation(n: number): Int32Array {
    const items = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.interval(i)
      const kept = items[i]!
      items[i] = items[j]!
      items[j] = kept
    }
    return items
  }

  #twist(): void {
    const state = this.#state
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff)
      state[i] = state[(i + SHIFT) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#position = 0
  }
}
