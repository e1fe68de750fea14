/** The program that a module's source is: types are blanked out, so that lines and columns stay those of the source. */

import { stripTypeScriptTypes } from 'node:module'
import type { Failure, PriorModule } from './protocol.ts'

/** A module that is no program of the language its file name says. */
export class SourceError extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** @throws SourceError with the place of what is wrong */
export function readSource({ file, code }: PriorModule): string {
  if (!file.endsWith('.ts')) return code
  try {
    return stripTypeScriptTypes(code)
  } catch (error) {
    const { message, stack = '' } = error as Error
    // It goes on with everything that would have been possible.
    const words = `SyntaxError: ${message.split('. Expected ')[0]}`
    throw new SourceError({ kind: 'syntax', message: words, ...placeOf(stack), logs: [] })
  }
}

/** The stack begins with ":LINE", the line, perhaps with its neighbours, and a mark under the column. */
function placeOf(stack: string): { line?: number; column?: number } {
  const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1]
  const mark = /^( *)\^+$/m.exec(stack)?.[1]
  return { ...(line && { line: Number(line) }), ...(mark !== undefined && { column: mark.length + 1 }) }
}
