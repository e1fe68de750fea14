import { createHash } from 'node:crypto'

/** SHA-256 of an API token, hex. Tokens are random and long, so a plain hash is enough and cheap per request. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}

/** The token of an `Authorization` header; undefined when there is none of the form `Bearer <token>`. */
export function readBearer(header: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1]
}
