import { relative } from 'node:path'

/** A path as the user would write it: from the current folder when it is in it, else in full. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near || '.'
}
