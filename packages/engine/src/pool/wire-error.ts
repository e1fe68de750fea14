/** Errors across the process boundary: TableError and EngineError arrive as what they were, all else as internal. */
import { TABLE_ERROR_CODES, TableError, type TableErrorCode } from '@posterior/tabular'
import { ENGINE_ERROR_CODES, EngineError, type EngineErrorCode } from '../errors.ts'
import type { WireError } from './messages.ts'

export function toWireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack } = error
  const wire = { name, message, ...(stack === undefined ? {} : { stack }) }
  return error instanceof EngineError || error instanceof TableError
    ? { ...wire, code: error.code, details: error.details }
    : wire
}

export function fromWireError(wire: WireError): EngineError | TableError {
  const { code, details = {}, message } = wire
  if (wire.name === 'TableError' && isOneOf<TableErrorCode>(TABLE_ERROR_CODES, code)) {
    return new TableError(code, message, { details })
  }
  if (wire.name === 'EngineError' && isOneOf<EngineErrorCode>(ENGINE_ERROR_CODES, code)) {
    return new EngineError(code, message, { details })
  }
  // A bug: the message may name anything, so it stays in the cause, for logs.
  const cause = new Error(message)
  cause.name = wire.name
  if (wire.stack !== undefined) cause.stack = wire.stack
  return new EngineError('internal', 'The computation failed for a reason that should not occur.', { cause })
}

function isOneOf<T extends string>(list: readonly T[], value: string | undefined): value is T {
  return list.includes(value as T)
}
