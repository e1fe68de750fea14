/**
 * Reads tar archives that somebody else made: ustar, and the longer names of GNU tar and pax. Whatever is no plain file or
 * folder is refused, as is every path that is not below the folder of the archive. Files are views of the archive, so that no
 * size in it makes anything grow.
 */
import { ProjectError } from '../project-error.ts'
import type { TarFile } from './tar-writer.ts'

const BLOCK = 512
const MAX_PATH = 255
const MAX_DEPTH = 12

/** Text of a header of pax or a long name, in bytes. */
const MAX_EXTENDED = 8_192

interface Header {
  path: string
  type: string
  size: number
}

/**
 * The files of an archive, in its order.
 *
 * @throws ProjectError
 */
export function readTar(archive: Buffer, limits: { maxEntries: number }): TarFile[] {
  const files = new Map<string, Uint8Array>()
  let longPath: string | undefined
  let entries = 0
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const block = archive.subarray(at, at + BLOCK)
    if (isEmpty(block)) return toList(files)
    if (++entries > limits.maxEntries)
      throw ProjectError.archive(`it has more than ${limits.maxEntries} entries.`)
    const { path, type, size } = readHeader(block)
    const start = at + BLOCK
    if (size > archive.length - start) throw ProjectError.archive('it is cut off.')
    const bytes = archive.subarray(start, start + size)
    at = start + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'L' || type === 'x') longPath = readExtended(type, bytes) ?? longPath
    else if (type === '0' || type === '5') {
      const safe = safePath(longPath ?? path)
      longPath = undefined
      if (type === '0') addFile(files, safe, bytes)
    } else if (type !== 'g')
      throw ProjectError.archive(`${shown(path)} is a link or device; only files can be imported.`)
  }
  throw ProjectError.archive('it is cut off.')
}

function toList(files: ReadonlyMap<string, Uint8Array>): TarFile[] {
  return [...files].map(([path, bytes]) => ({ path, bytes }))
}

function addFile(files: Map<string, Uint8Array>, path: string, bytes: Uint8Array): void {
  if (path === '') throw ProjectError.archive('it has a file without a name.')
  if (files.has(path)) throw ProjectError.archive(`it has ${shown(path)} twice.`)
  files.set(path, bytes)
}

function readHeader(block: Buffer): Header {
  const expected = readOctal(block, 148, 8)
  let sum = 0
  for (const [i, byte] of block.entries()) sum += i >= 148 && i < 156 ? 32 : byte
  if (sum !== expected) throw ProjectError.archive('it is not a tar archive, or damaged.')
  const prefix =
    block.toString('latin1', 257, 262) === 'ustar' && block[263] !== 32 ? readText(block, 345, 155) : ''
  const name = readText(block, 0, 100)
  const type = String.fromCharCode(block[156] || 48)
  return { path: prefix === '' ? name : `${prefix}/${name}`, type, size: readOctal(block, 124, 12) }
}

function readOctal(block: Buffer, at: number, length: number): number {
  const text = block
    .toString('latin1', at, at + length)
    .replace(/\0.*$/s, '')
    .trim()
  if (!/^[0-7]{1,11}$/.test(text))
    throw ProjectError.archive('it is not a tar archive, or has a file that is too large.')
  return Number.parseInt(text, 8)
}

function readText(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at)
  return utf8(block.subarray(at, end < 0 || end > at + length ? at + length : end))
}

/** The path in a header of GNU tar (L) or pax (x), if it has one. */
function readExtended(type: 'L' | 'x', bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_EXTENDED) throw ProjectError.archive('it has a header that is too long.')
  if (type === 'L') return utf8(bytes).replace(/\0+$/, '')
  let path: string | undefined
  for (let rest = Buffer.from(bytes); rest.length > 0; ) {
    const length = Number(/^(\d{1,5}) /.exec(rest.toString('latin1', 0, 6))?.[1])
    if (!(length > 4 && length <= rest.length))
      throw ProjectError.archive('it has a header that is not valid.')
    const [key, value] = splitOnce(utf8(rest.subarray(0, length)).replace(/^\d+ /, '').replace(/\n$/, ''))
    if (key === 'size') throw ProjectError.archive('it has a file that is too large.')
    if (key === 'path') path = value
    rest = rest.subarray(length)
  }
  return path
}

function splitOnce(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** A path below the folder of the archive, without `.` in it; empty for that folder. */
function safePath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a path may not hold
  const isOdd = /[\u0000-\u001f\u007f\\:]/.test(path) || path.length > MAX_PATH
  const parts = path.replace(/\/$/, '').split('/')
  const rest = parts.filter((part) => part !== '.')
  const leads = path.startsWith('/') || rest.includes('..') || rest.includes('') || rest.length > MAX_DEPTH
  if (isOdd || (leads && path !== '')) throw ProjectError.archive(`the path ${shown(path)} is not allowed.`)
  return rest.join('/')
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw ProjectError.archive('it has a name that is not UTF-8.', error)
  }
}

function isEmpty(block: Buffer): boolean {
  return block.every((byte) => byte === 0)
}

function shown(path: string): string {
  return JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}...` : path)
}
