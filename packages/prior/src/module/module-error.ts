/** What is wrong with a prior of a user, in words for its owner. */

import { PriorError } from '../catalogue/prior-error.ts'
import type { Failure, PriorModule } from './sandbox/protocol.ts'

/** Where and with what a module failed, as far as it is known. */
export interface ModuleErrorDetails {
  readonly kind: Failure['kind'] | 'declaration'
  readonly file: string
  /** In the module's source, from 1. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** The line, with a mark under the column. */
  readonly excerpt?: string | undefined
  /** What the failing sample was drawn with. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  /** A seed that samples the same again, for samples that were drawn by a seed. */
  readonly seed?: number | undefined
  readonly logs?: readonly string[]
}

/**
 * A module that does not run, breaks the contract, uses too much, or draws tasks that nothing can learn from. The message
 * has everything that is known.
 */
export class ModuleError extends PriorError {
  readonly details: ModuleErrorDetails
  /** The message without place, parameters and seed. */
  readonly reason: string

  constructor(reason: string, details: ModuleErrorDetails, parameter?: string) {
    super(fullMessage(reason, details), parameter)
    this.reason = reason
    this.details = details
  }

  /** The same with more that is known. */
  with(more: Partial<ModuleErrorDetails>): ModuleError {
    return new ModuleError(this.reason, { ...this.details, ...more }, this.parameter)
  }
}

/** A sandbox's failure with the line of the source that it is at. */
export function moduleError({ file, code }: PriorModule, failure: Failure): ModuleError {
  const { kind, message, logs } = failure
  const { line, column } = failure.line === undefined ? importIn(code, message) : failure
  return new ModuleError(message, { kind, file, line, column, excerpt: excerptOf(code, line, column), logs })
}

/** The engine does not say where an import stands that there is nothing for. */
function importIn(code: string, message: string): { line?: number; column?: number } {
  const name = /^there is no module "(.*)" here/.exec(message)?.[1]
  if (name === undefined) return {}
  const lines = code.split(/\r?\n/)
  const at = lines.findIndex((text) => text.includes('import') && text.includes(name))
  return at < 0 ? {} : { line: at + 1, column: lines[at]!.indexOf('import') + 1 }
}

/** Lines that a module printed before it failed, the last ones. */
const SHOWN_LINES = 5
/** Characters of a line that are shown, around the column. */
const EXCERPT = 120

function excerptOf(code: string, line: number | undefined, column = 1): string | undefined {
  const whole = line === undefined ? undefined : code.split(/\r?\n/)[line - 1]
  if (whole === undefined) return undefined
  const from = Math.max(0, Math.min(whole.length - EXCERPT, column - 1 - EXCERPT / 2))
  const text = whole.slice(from, from + EXCERPT)
  const lead = `${line} | `
  // A tab stays a tab, so that the mark stands right.
  const gap = text.slice(0, column - 1 - from).replace(/[^\t]/g, ' ')
  return `${lead}${text}\n${' '.repeat(lead.length)}${gap}^`
}

function fullMessage(reason: string, details: ModuleErrorDetails): string {
  const { file, line, column, excerpt, parameters, seed, logs = [] } = details
  const place = line === undefined ? file : `${file}:${line}${column === undefined ? '' : `:${column}`}`
  const drawn = parameters && `parameters ${JSON.stringify(parameters)}`
  const how = [drawn, seed !== undefined && `seed ${seed}`].filter(Boolean).join(', ')
  const printed = logs.slice(-SHOWN_LINES).map((text) => `  ${text}`)
  const lines = [`${place}: ${reason}`, excerpt, how && `Drawn with ${how}.`]
  if (printed.length > 0) lines.push('It had printed:', ...printed)
  return lines.filter(Boolean).join('\n')
}
