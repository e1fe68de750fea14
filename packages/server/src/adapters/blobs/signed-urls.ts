/**
 * Upload URLs signed by this server: `/uploads/<id>/<file>/<part>?expires=<seconds>&signature=<HMAC-SHA256>`. Whoever has
 * the URL may send that part until it expires; nothing else can be done with it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { ROUTES } from '@posterior/contracts'
import type { SignatureCheck, UploadTarget, UploadUrls } from '../../domain/ports/blobs.ts'

export class HmacUploadUrls implements UploadUrls {
  readonly #secret: Uint8Array

  /** @param secret at least 32 random bytes, the same after a restart */
  constructor(secret: Uint8Array) {
    if (secret.length < 32) throw new Error(`the URL secret has ${secret.length} bytes; 32 are needed`)
    this.#secret = secret
  }

  sign(target: UploadTarget, expiresAt: number): string {
    const expires = String(Math.floor(expiresAt / 1000))
    const path = ROUTES.putUploadPart.path
      .replace(':uploadId', target.uploadId)
      .replace(':file', target.file)
      .replace(':part', String(target.part))
    return `${path}?expires=${expires}&signature=${this.#mac(target, expires).toString('base64url')}`
  }

  verify(target: UploadTarget, query: { expires: string; signature: string }, now: number): SignatureCheck {
    const expected = this.#mac(target, query.expires)
    const given = Buffer.from(query.signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'invalid'
    return now < Number(query.expires) * 1000 ? 'valid' : 'expired'
  }

  #mac({ uploadId, file, part }: UploadTarget, expires: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(`PUT\n${uploadId}\n${file}\n${part}\n${expires}`)
      .digest()
  }
}
