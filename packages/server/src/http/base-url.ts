import type { FastifyRequest } from 'fastify'

/** Where clients reach this server, without a slash at the end: as configured, else as this request came in. */
export function baseUrl(request: FastifyRequest, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl
  const asked = `${request.protocol}://${request.host}`
  // A Host header can hold anything; the address that the request arrived at is always a valid base.
  if (URL.canParse(asked) && new URL(asked).pathname === '/') return asked
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}

/** An absolute form of a path or URL. */
export function absoluteUrl(request: FastifyRequest, url: string, publicUrl: string | undefined): string {
  return url.startsWith('/') ? `${baseUrl(request, publicUrl)}${url}` : url
}
