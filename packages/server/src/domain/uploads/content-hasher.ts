import { createHash } from 'node:crypto'
import { crc32c } from './crc32c.ts'

/** Size and digests of bytes that pass by. */
export class ContentHasher {
  #sizeBytes = 0
  #crc = 0
  readonly #sha = createHash('sha256')

  update(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.length
    this.#crc = crc32c(chunk, this.#crc)
    this.#sha.update(chunk)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Finish; call once. `sha256` is hex. */
  finish(): { sizeBytes: number; crc32c: number; sha256: string } {
    return { sizeBytes: this.#sizeBytes, crc32c: this.#crc, sha256: this.#sha.digest('hex') }
  }
}
