/**
 * Argon2id (RFC 9106) from node:crypto. The parameters are those of the OWASP password storage cheat sheet; they stand
 * in each hash (PHC string format), so that raising them leaves old hashes valid until the next login.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../../domain/app-error.ts'
import type { PasswordCheck, PasswordHasher } from '../../domain/ports/passwords.ts'

/** Cost of one hash. */
export interface Argon2Cost {
  memoryKiB: number
  passes: number
  lanes: number
}

const OWASP_COST: Argon2Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Bounds for what is read from the database, so that a damaged row cannot ask for all memory. */
const MAX_COST: Argon2Cost = { memoryKiB: 1_048_576, passes: 100, lanes: 64 }
/** Hashes computed at a time; each takes its memory and a thread of the pool that file access shares. */
const MAX_RUNNING = 2
/** Requests that may wait for a hash; at some 50 ms each, more would wait longer than people do. */
const MAX_WAITING = 64

const derive = promisify(argon2)

interface Argon2Hash extends Argon2Cost {
  salt: Buffer
  hash: Buffer
}

export class Argon2Hasher implements PasswordHasher {
  readonly #cost: Argon2Cost
  /** Hashed against when there is nothing to compare with, so that it takes as long. */
  readonly #decoy: Argon2Hash
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(cost: Argon2Cost = OWASP_COST) {
    this.#cost = cost
    this.#decoy = { ...cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const hash = await this.#derive(password, { ...this.#cost, salt })
    return format({ ...this.#cost, salt, hash })
  }

  async verify(password: string, stored: string | null): Promise<PasswordCheck> {
    const expected = stored === null ? this.#decoy : parse(stored)
    const hash = await this.#derive(password, expected)
    const isCorrect = timingSafeEqual(hash, expected.hash) && stored !== null
    const { memoryKiB, passes, lanes } = this.#cost
    const isOutdated =
      expected.memoryKiB !== memoryKiB || expected.passes !== passes || expected.lanes !== lanes
    return { isCorrect, isOutdated }
  }

  /** Run in the thread pool, in turn. */
  async #derive(
    password: string,
    { memoryKiB, passes, lanes, salt }: Omit<Argon2Hash, 'hash'>,
  ): Promise<Buffer> {
    await this.#enter()
    try {
      // The same text typed on another system may be composed differently.
      const message = Buffer.from(password.normalize('NFKC'), 'utf8')
      return await derive('argon2id', {
        message,
        nonce: salt,
        memory: memoryKiB,
        passes,
        parallelism: lanes,
        tagLength: HASH_BYTES,
      })
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++
      return
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw new AppError('SERVER_BUSY', { headers: { 'retry-after': '5' } })
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Hand the place on to the next in line, or free it. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}

function format({ memoryKiB, passes, lanes, salt, hash }: Argon2Hash): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${encode(salt)}$${encode(hash)}`
}

/** @throws Error for a text that `format` did not write */
function parse(stored: string): Argon2Hash {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored)
  if (!match) throw new Error('a stored password hash is damaged: an argon2id PHC string was expected')
  const [memoryKiB = 0, passes = 0, lanes = 0] = match.slice(1, 4).map(Number)
  const salt = Buffer.from(match[4] ?? '', 'base64')
  const hash = Buffer.from(match[5] ?? '', 'base64')
  const isTooDear = memoryKiB > MAX_COST.memoryKiB || passes > MAX_COST.passes || lanes > MAX_COST.lanes
  if (isTooDear || hash.length !== HASH_BYTES)
    throw new Error('a stored password hash is damaged: check its parameters')
  return { memoryKiB, passes, lanes, salt, hash }
}

/** Base64 without padding, as PHC strings have it. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
