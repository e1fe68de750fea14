import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, writeSmallFile } from './durable-fs.ts'

const SECRET_BYTES = 32

/** The random secret kept at `path`; created, readable by the owner only, when it is not there. */
export async function readOrCreateSecret(path: string): Promise<Uint8Array> {
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept !== undefined) {
    const secret = Buffer.from(kept.trim(), 'hex')
    if (secret.length !== SECRET_BYTES)
      throw new Error(`${path} is damaged: ${SECRET_BYTES} bytes in hex expected`)
    return secret
  }
  const secret = randomBytes(SECRET_BYTES)
  await makeFolder(dirname(path), 0o700)
  await writeSmallFile(path, `${secret.toString('hex')}\n`, 0o600)
  return secret
}
