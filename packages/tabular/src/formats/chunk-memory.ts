/**
 * Gives back the memory of DuckDB's chunks while a file is read. A chunk is native memory that is freed when its
 * JavaScript object is collected; that object is tiny, so V8 sees no reason to collect, and hundreds of megabytes of
 * chunks that nobody needs any more pile up. A collection of young objects every few megabytes, which takes about a
 * millisecond, keeps that pile small. V8 has no public call for it: the function comes from a context made for it, with
 * the flag set for that moment only.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of chunks after which the dead ones are collected. */
const COLLECT_EVERY_BYTES = 4 * 1024 ** 2

type Collect = (options: { type: 'minor' }) => void

let collect: Collect | undefined

export class ChunkMemory {
  #bytes = 0

  /** A chunk of this size has been copied and will not be looked at again. */
  done(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < COLLECT_EVERY_BYTES) return
    this.#bytes = 0
    collect ??= findCollect()
    collect({ type: 'minor' })
  }
}

function findCollect(): Collect {
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as Collect
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
