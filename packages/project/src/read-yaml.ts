/** Reads YAML (and JSON) that somebody else wrote: plain data of a bounded size, without aliases, tags or names twice. */
import { findUnstorable, MAX_DOCUMENT_BYTES } from '@posterior/contracts'
import { isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml'
import { ProjectError } from './project-error.ts'

/**
 * Names that come twice are looked for below, because the parser compares each with each; and its pretty errors copy the text
 * for each of them.
 */
const OPTIONS = { uniqueKeys: false, prettyErrors: false, schema: 'core', logLevel: 'silent' } as const

/** A document, and where in its text things are. */
export interface YamlDocument {
  value: unknown
  /** The line, from 1, of what stands at this path, or of what is nearest around it. */
  lineOf(path: readonly PropertyKey[]): number
}

/**
 * Read one document.
 *
 * @param path of the file, for messages
 * @throws ProjectError that says where
 */
export function readDocument(text: string, path: string): YamlDocument {
  const fail = (reason: string, position?: number, cause?: unknown) =>
    ProjectError.file({ path, line: position === undefined ? null : lineAt(text, position) }, reason, cause)
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) throw fail(`has more than ${MAX_DOCUMENT_BYTES} bytes.`)
  let value: unknown
  let contents: Node | null
  try {
    const document = parseDocument(text, OPTIONS)
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw fail(`is not valid YAML: ${problem.message}`, problem.pos[0])
    contents = document.contents
    refuseTricks(contents, fail)
    value = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    // Nesting beyond the stack of the parser.
    if (error instanceof RangeError) throw fail('is nested too deeply.', undefined, error)
    throw error
  }
  const unstorable = findUnstorable(value)
  if (unstorable)
    throw fail(`has a value that cannot be stored: ${unstorable.path.join('.')} ${unstorable.message}.`)
  return { value, lineOf: (fields) => lineAt(text, positionOf(contents, fields)) }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

/** Where the deepest part of the path that is there begins. */
function positionOf(contents: Node | null, fields: readonly PropertyKey[]): number {
  let node: unknown = contents
  let position = contents?.range?.[0] ?? 0
  for (const field of fields) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(field))
      if (!isPair(pair) || !isScalar(pair.key)) break
      position = pair.key.range?.[0] ?? position
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(field)]
      position = (node as Node | undefined)?.range?.[0] ?? position
    } else break
  }
  return position
}

function refuseTricks(
  contents: Node | null,
  fail: (reason: string, position?: number) => ProjectError,
): void {
  visit(contents, (_, node) => {
    if (isAlias(node)) throw fail('has an alias (*name); write the value out.', node.range?.[0])
    if (!isMap(node)) return
    const names = new Set<unknown>()
    for (const { key } of node.items) {
      if (!isScalar(key)) throw fail('has a name that is not a text.', node.range?.[0])
      const name = String(key.value)
      if (names.has(name)) {
        const shown = JSON.stringify(name.slice(0, 80))
        throw fail(`has the name ${shown} twice in one place.`, key.range?.[0])
      }
      names.add(name)
    }
  })
}
