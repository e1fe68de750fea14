/** Slugs and versions of what the studio stores. */
import { z } from 'zod'
import { MAX_NAME_LENGTH, MAX_SLUG_LENGTH } from './limits.ts'

export const slugSchema = z
  .string()
  .regex(/^[a-z0-9_-]+$/, 'may hold lower-case letters, digits, "_" and "-" alone')
  .max(MAX_SLUG_LENGTH, `must have at most ${MAX_SLUG_LENGTH} characters`)

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name may not hold
const CONTROL = /[\u0000-\u001f\u007f]/

export const studioNameSchema = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(MAX_NAME_LENGTH, `must have at most ${MAX_NAME_LENGTH} characters`)
  .refine((name) => !CONTROL.test(name) && name.isWellFormed(), 'may not hold control characters')

/** Id or slug of something in a path; what does not exist is a 404, whatever its form. */
export const handleSchema = z.string().min(1).max(200).describe('Id or slug')

/** A slug from a name: `My prior (v2)` becomes `my-prior-v2`; undefined when nothing is left of the name. */
export function slugOf(name: string): string | undefined {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? undefined : slug
}

/** What a slug is looked up by: `_` and `-` count as the same. */
export function slugKey(slug: string): string {
  return slug.replaceAll('_', '-')
}

const VERSION = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/

/** Three numbers, highest first in weight. */
export type VersionNumbers = readonly [major: number, minor: number, patch: number]

/** The numbers of `1.2.3`, also of `v1.2.3`, `1.2` and `1`; undefined for anything else. */
export function parseVersion(text: string): VersionNumbers | undefined {
  const match = VERSION.exec(text.trim())
  return match ? [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)] : undefined
}

/** Negative when `a` is the lower version. Both are of the form `x.y.z`. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parseVersion(a) ?? [0, 0, 0], parseVersion(b) ?? [0, 0, 0]]
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
}

/** The next patch version after one of the form `x.y.z`. */
export function nextPatch(version: string): string {
  const [major, minor, patch] = parseVersion(version) ?? [0, 0, 0]
  return `${major}.${minor}.${patch + 1}`
}

/** A version as people write it, in a request or a file; the result is `x.y.z`. */
export const versionSchema = z
  .union([z.string().max(40), z.number().nonnegative()])
  .transform((given, ctx) => {
    const numbers = parseVersion(String(given))
    if (numbers) return numbers.join('.')
    ctx.addIssue({ code: 'custom', message: 'must be a version such as 1.2.0' })
    return z.NEVER
  })

export const versionQuerySchema = z.object({
  version: z.string().max(40).optional().describe('Such as 1.2.0; default: the latest'),
})
