import { createHash } from 'node:crypto'

/** SHA-256 of an API token, hex. Tokens are random and long, so a plain hash is enough and cheap per request. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}

const HEADERS = {
  bearer: /^Bearer +([\x21-\x7e]+) *$/i,
  any: /^(?:Bearer|Token) +([\x21-\x7e]+) *$/i,
}

/** Which schemes a route understands: `Bearer` alone, or `Token` as well. */
export type TokenSchemes = keyof typeof HEADERS

/** The token of an `Authorization` header; undefined when there is none of these schemes. */
export function readBearer(header: string | undefined, schemes: TokenSchemes = 'bearer'): string | undefined {
  return HEADERS[schemes].exec(header ?? '')?.[1]
}
