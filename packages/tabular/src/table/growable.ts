type NumberArray = Float64Array | Int32Array | Uint8Array

const FIRST_CHUNK = 64
const LARGEST_CHUNK = 65_536

/**
 * A typed array that grows by chunks, so that reading n values never holds more than n plus one chunk, and `finish`
 * adds no more than the column itself.
 */
export class Growable<A extends NumberArray> {
  length = 0
  #make: (length: number) => A
  #full: A[] = []
  #chunk: A
  #used = 0

  constructor(make: (length: number) => A) {
    this.#make = make
    this.#chunk = make(FIRST_CHUNK)
  }

  push(value: number): void {
    if (this.#used === this.#chunk.length) this.#grow()
    this.#chunk[this.#used++] = value
    this.length++
  }

  #grow(): void {
    this.#full.push(this.#chunk)
    this.#chunk = this.#make(Math.min(LARGEST_CHUNK, 2 * this.#chunk.length))
    this.#used = 0
  }

  /** All values in one array. The growable is empty afterwards. */
  finish(): A {
    const out = this.#make(this.length)
    let at = 0
    for (const chunk of this.#full) {
      out.set(chunk, at)
      at += chunk.length
    }
    out.set(this.#chunk.subarray(0, this.#used), at)
    this.#full = []
    this.#chunk = this.#make(0)
    this.#used = 0
    this.length = 0
    return out
  }
}
