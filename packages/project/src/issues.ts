/** What a schema finds wrong, as a path and a sentence. */
import type { z } from 'zod'

export interface Issue {
  path: PropertyKey[]
  message: string
}

/** An issue inside one form of a union. */
type Inner = z.core.$ZodIssue

/** One entry for each field to blame: unknown names one by one, and of a union the form that was meant. */
export function issuesOf(error: { issues: readonly Inner[] }): Issue[] {
  return error.issues.flatMap((issue) => plain(issue, []))
}

function plain(issue: Inner, before: readonly PropertyKey[]): Issue[] {
  const path = [...before, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not known here' }))
  }
  if (issue.code === 'invalid_union') {
    // The errors lie inside the value, not in what kind of value it is.
    const meant = issue.errors.find((inner) => inner.length > 0 && inner.every((one) => one.path.length > 0))
    if (meant) return meant.flatMap((inner) => plain(inner, path))
  }
  return [{ path, message: sentenceOf(issue) }]
}

function sentenceOf(issue: Inner): string {
  const { message } = issue
  if (issue.code === 'invalid_type' && /received undefined$/.test(message)) return 'is missing'
  if (issue.code === 'invalid_value' && issue.values.length > 1) {
    return `must be one of ${issue.values.join(', ')}`
  }
  const plainText = message.replace(/^Invalid input: /, '')
  return plainText.slice(0, 1).toLowerCase() + plainText.slice(1)
}
