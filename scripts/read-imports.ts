/**
 * Finds what a TypeScript file imports, by pattern rather than by parser (TypeScript 7 ships no parser to call).
 *
 * Statements are found at the start of a line, so text inside comments and strings is rarely taken for one; where it is,
 * the check fails loudly rather than passing quietly.
 */

/** Patterns with the specifier in group 1. */
const PATTERNS: readonly RegExp[] = [
  /^[ \t]*(?:import|export)\b[^'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*(?:\/\*.*?\*\/\s*)?['"`]([^'"`$]+)['"`]/g,
  /\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]/g,
  /\bimport\.meta\.resolve\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.[cm]?[jt]sx?)['"]\s*,\s*import\.meta\.url/g,
]

/** Blank out lines that are comments, keeping line numbers. */
export function withoutCommentLines(source: string): string {
  return source.replace(/^[ \t]*(\/\/|\/\*|\*).*$/gm, '')
}

/** Every module specifier of a file, each once, in order of first appearance; a worker's `new URL(...)` counts. */
export function readImports(source: string): string[] {
  const text = withoutCommentLines(source)
  const found = new Set<string>()
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) found.add(match[1]!)
  }
  return [...found]
}

/** The package part of a bare specifier: `@scope/name/sub` → `@scope/name`, `name/sub` → `name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
