/** Multipart forms for tests: well-formed ones by name, broken ones by their bytes. */
import { ADMIN_TOKEN, type Answer, type TestServer } from './test-server.ts'

/** A part of a form: a value is sent as JSON, a text as a file. */
export type Part = { json: unknown } | { file: string | Uint8Array; name?: string; type?: string }

/** POST a form. */
export function postForm(
  server: Pick<TestServer, 'call'>,
  path: string,
  parts: Record<string, Part>,
  token: string | null = ADMIN_TOKEN,
): Promise<Answer> {
  const pieces: (string | Uint8Array)[] = []
  for (const [key, part] of Object.entries(parts)) {
    pieces.push('--edge\r\n')
    if ('json' in part) {
      const head = `Content-Disposition: form-data; name="${key}"\r\nContent-Type: application/json`
      pieces.push(`${head}\r\n\r\n${JSON.stringify(part.json)}\r\n`)
    } else {
      const { file, name = `${key}.csv`, type = 'text/csv' } = part
      const head = `Content-Disposition: form-data; name="${key}"; filename="${name}"\r\nContent-Type: ${type}`
      pieces.push(`${head}\r\n\r\n`, file, '\r\n')
    }
  }
  pieces.push('--edge--\r\n')
  return postBytes(server, path, Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))), token)
}

/** POST the bytes of a form with the boundary `edge`. */
export function postBytes(
  server: Pick<TestServer, 'call'>,
  path: string,
  body: string | Uint8Array,
  token: string | null = ADMIN_TOKEN,
): Promise<Answer> {
  const headers = { 'content-type': 'multipart/form-data; boundary=edge' }
  return server.call('POST', path, { body, headers, token })
}
