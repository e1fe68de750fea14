/** Reads YAML (and JSON) that somebody else wrote: plain data of a bounded size, without aliases, tags or names twice. */
import { findUnstorable, MAX_DOCUMENT_BYTES } from '@posterior/contracts'
import { isAlias, isMap, isScalar, type Node, parseDocument, visit } from 'yaml'
import { ProjectError } from './project-error.ts'

/**
 * Names that come twice are looked for below, because the parser compares each with each; and its pretty errors copy the text
 * for each of them.
 */
const OPTIONS = { uniqueKeys: false, prettyErrors: false, schema: 'core', logLevel: 'silent' } as const

/**
 * The value of a document.
 *
 * @param path of the file, for messages
 * @throws ProjectError
 */
export function readYaml(text: string, path: string): unknown {
  const fail = (reason: string, cause?: unknown) => ProjectError.archive(`${path} ${reason}`, cause)
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) throw fail(`has more than ${MAX_DOCUMENT_BYTES} bytes.`)
  let value: unknown
  try {
    const document = parseDocument(text, OPTIONS)
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw fail(`is not valid YAML: line ${lineAt(text, problem.pos[0])}: ${problem.message}`)
    refuseTricks(document.contents, fail)
    value = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    // Nesting beyond the stack of the parser.
    if (error instanceof RangeError) throw fail('is nested too deeply.', error)
    throw error
  }
  const unstorable = findUnstorable(value)
  if (unstorable)
    throw fail(`has a value that cannot be stored: ${unstorable.path.join('.')} ${unstorable.message}.`)
  return value
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

function refuseTricks(contents: Node | null, fail: (reason: string) => Error): void {
  visit(contents, (_, node) => {
    if (isAlias(node)) throw fail('has an alias (*name); write the value out.')
    if (!isMap(node)) return
    const names = new Set<unknown>()
    for (const { key } of node.items) {
      if (!isScalar(key)) throw fail('has a name that is not a text.')
      const name = String(key.value)
      if (names.has(name)) throw fail(`has the name ${JSON.stringify(name.slice(0, 80))} twice in one place.`)
      names.add(name)
    }
  })
}
