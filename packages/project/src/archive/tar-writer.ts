/** Writes tar archives (POSIX ustar) that depend on the files alone: no times, owners or paths of this machine. */

const BLOCK = 512

/** One file of an archive. */
export interface TarFile {
  /** Relative, with `/`; at most 255 characters, of which a name and the folders before it fit 100 and 155. */
  path: string
  bytes: Uint8Array
}

/**
 * The archive of these files, in their order.
 *
 * @throws Error for a path that is too long for the format
 */
export function writeTar(files: readonly TarFile[]): Buffer {
  const parts: Uint8Array[] = []
  for (const { path, bytes } of files) {
    parts.push(header(path, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1)))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const [prefix, name] = splitPath(path)
  block.write(name, 0, 'utf8')
  writeOctal(block, 0o644, { at: 100, length: 8 })
  writeOctal(block, 0, { at: 108, length: 8 })
  writeOctal(block, 0, { at: 116, length: 8 })
  writeOctal(block, size, { at: 124, length: 12 })
  writeOctal(block, 0, { at: 136, length: 12 })
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(prefix, 345, 'utf8')
  block.fill(' ', 148, 156, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function writeOctal(block: Buffer, value: number, { at, length }: { at: number; length: number }): void {
  block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
}

/** The format has room for 100 bytes of name and, before a slash, 155 bytes of folders. */
function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)]
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name]
  }
  throw new Error(`the path ${path} is too long for a tar archive`)
}
