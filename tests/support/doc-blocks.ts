/**
 * Finds the code blocks of the project's pages. A fence says in its info string what becomes of the block: ```bash run
 * is executed by the tests; other shell, JavaScript and Python blocks carry ```bash elsewhere, for commands that a test
 * covers in another way (the server is started by startServer, the tests are this run). Other languages are shown only.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One fenced block of a page. */
export interface DocBlock {
  /** Page, relative to the repository, and the line of the fence. */
  page: string
  line: number
  language: string
  /** Words after the language. */
  marks: readonly string[]
  code: string
}

/** Languages whose blocks must say whether they are run. */
export const RUNNABLE = ['bash', 'js', 'python'] as const

/** Pages whose blocks are checked. */
export function listPages(root: string): string[] {
  return globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root })
    .filter((page) => !page.startsWith('docs/reference/'))
    .sort()
}

/** All fenced blocks of a page, in order. @throws Error for a fence that is not closed */
export function readBlocks(root: string, page: string): DocBlock[] {
  const blocks: DocBlock[] = []
  let open: DocBlock | undefined
  let lines: string[] = []
  for (const [i, line] of readFileSync(join(root, page), 'utf8').split('\n').entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line)
    if (!fence) {
      lines.push(line)
    } else if (open) {
      blocks.push({ ...open, code: `${lines.join('\n')}\n` })
      open = undefined
    } else {
      const marks = fence[2]!.split(/\s+/).filter(Boolean)
      open = { page, line: i + 1, language: fence[1]!, marks, code: '' }
      lines = []
    }
  }
  if (open) throw new Error(`${page}:${open.line} opens a code block that is not closed.`)
  return blocks
}
