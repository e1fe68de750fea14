/**
 * The project's only source of randomness: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, PractRand),
 * 128 bits of state, 32-bit integer arithmetic, so that the same seed gives the same stream on every machine. Period
 * at least 2^32, on average about 2^127.
 */

import { hashSeedParts } from './seed-hash.ts'

/** JSON form of a generator: four unsigned 32-bit words and the second normal of the last pair, if unused. */
export interface RandomState {
  words: [number, number, number, number]
  spareNormal: number | null
}

/** Seeded generator with explicit, serialisable state. Never seeded from the clock; there is no default seed. */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 0
  #spare = 0
  #hasSpare = false

  private constructor() {}

  /** The stream named by these parts, hashed together: `Random.fromSeed(seed, 'member', 3)`. */
  static fromSeed(...parts: (number | string)[]): Random {
    const words = hashSeedParts(parts)
    const random = new Random()
    random.#a = words[0]! | 0
    random.#b = words[1]! | 0
    random.#c = words[2]! | 0
    random.#counter = words[3]! | 0
    for (let i = 0; i < 15; i++) random.nextInt32()
    return random
  }

  /** A generator that continues exactly where the one that `state` was read from stood. */
  static fromState(state: RandomState): Random {
    const random = new Random()
    random.state = state
    return random
  }

  get state(): RandomState {
    return {
      words: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#counter >>> 0],
      spareNormal: this.#hasSpare ? this.#spare : null,
    }
  }

  set state(state: RandomState) {
    const { words, spareNormal } = state
    if (
      words.length !== 4 ||
      words.some((word) => !Number.isInteger(word) || word < 0 || word > 0xffffffff)
    ) {
      throw new TypeError(`A random state needs four unsigned 32-bit words, got ${JSON.stringify(words)}.`)
    }
    this.#a = words[0] | 0
    this.#b = words[1] | 0
    this.#c = words[2] | 0
    this.#counter = words[3] | 0
    this.#hasSpare = spareNormal !== null
    this.#spare = spareNormal ?? 0
  }

  /**
   * An independent stream named by this generator's present state and `parts`. The parent does not advance: forking
   * twice with the same parts and no draw between gives the same stream.
   */
  fork(...parts: (number | string)[]): Random {
    return Random.fromSeed(this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#counter >>> 0, ...parts)
  }

  /** Next 32 random bits, as a signed integer. */
  nextInt32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result
  }

  /** Uniform in [lo, hi), 53 bits. */
  uniform(lo = 0, hi = 1): number {
    const high = this.nextInt32() >>> 5
    const low = this.nextInt32() >>> 6
    return lo + (hi - lo) * ((high * 67108864 + low) / 9007199254740992)
  }

  /** Standard normal (Marsaglia's polar method; the second of each pair is kept for the next call). */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false
      return this.#spare
    }
    for (;;) {
      const u = (this.nextInt32() + 0.5) / 2147483648
      const v = (this.nextInt32() + 0.5) / 2147483648
      const s = u * u + v * v
      if (s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s)
        this.#spare = v * scale
        this.#hasSpare = true
        return u * scale
      }
    }
  }

  /** Fill with standard normals and return the same array. */
  fillNormal<T extends Float32Array | Float64Array>(target: T): T {
    for (let i = 0; i < target.length; i++) target[i] = this.normal()
    return target
  }

  /** Integer in [loInclusive, hiExclusive). @throws RangeError when the interval holds no integer */
  int(loInclusive: number, hiExclusive: number): number {
    if (!(hiExclusive > loInclusive)) {
      throw new RangeError(`int() needs lo < hi, got [${loInclusive}, ${hiExclusive}).`)
    }
    return loInclusive + Math.floor(this.uniform() * (hiExclusive - loInclusive))
  }

  /** True with probability p. */
  bool(p = 0.5): boolean {
    return this.uniform() < p
  }

  /** Log-uniform in [lo, hi); both positive. */
  logUniform(lo: number, hi: number): number {
    return lo * Math.exp(this.uniform() * Math.log(hi / lo))
  }

  /** One item, all equally likely. @throws RangeError when there is none */
  choice<T>(items: readonly T[]): T {
    return items[this.int(0, items.length)] as T
  }

  /** The numbers 0..n-1 in random order. */
  permutation(n: number): Int32Array {
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) order[i] = i
    return this.shuffle(order)
  }

  /** Fisher-Yates shuffle in place; returns the same array. */
  shuffle<T extends unknown[] | Int32Array | Float32Array | Float64Array | Uint8Array>(items: T): T {
    const cells = items as unknown[]
    for (let i = cells.length - 1; i > 0; i--) {
      const j = this.int(0, i + 1)
      const held = cells[i]
      cells[i] = cells[j]
      cells[j] = held
    }
    return items
  }

  /** Gamma with this shape (> 0) and scale 1 (Marsaglia and Tsang 2000). */
  gamma(shape: number): number {
    if (!(shape > 0)) throw new RangeError(`gamma() needs a positive shape, got ${shape}.`)
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = this.normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
    }
  }

  /** Beta(a, b); for shapes so small that both gammas underflow, one of the two ends with its right probability. */
  beta(a: number, b: number): number {
    const x = this.gamma(a)
    const y = this.gamma(b)
    if (x + y === 0) return this.bool(a / (a + b)) ? 1 : 0
    return x / (x + y)
  }

  /** Standard Cauchy. */
  cauchy(): number {
    return this.normal() / this.normal()
  }

  /** Student's t with df degrees of freedom (> 0), not rescaled. */
  studentT(df: number): number {
    return this.normal() / Math.sqrt((2 * this.gamma(df / 2)) / df)
  }
}
