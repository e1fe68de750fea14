/** `--set name=value`: values of parameters, as the prior declares them. */
import type { Overrides, ParameterSpecs, ParameterValue } from '@posterior/prior'
import { UsageError } from '../command.ts'

/**
 * What `--set` says.
 *
 * @throws UsageError for what is no setting, or given twice; whether a value fits is up to the prior
 */
export function readSettings(given: readonly string[], parameters: ParameterSpecs): Overrides {
  const overrides: Record<string, ParameterValue> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    const name = text.slice(0, at).trim()
    const value = text.slice(at + 1).trim()
    if (at < 1 || value === '')
      throw new UsageError(`--set takes NAME=VALUE or NAME=LEAST..MOST; got '${text}'.`)
    if (Object.hasOwn(overrides, name)) throw new UsageError(`--set gives ${name} twice; give it once.`)
    overrides[name] = readValue(value, parameters[name]?.type)
  }
  return overrides
}

const NUMBER = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?'
const RANGE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})$`)

function readValue(text: string, type: ParameterSpecs[string]['type'] | undefined): ParameterValue {
  if (type === 'categorical') return text
  const range = RANGE.exec(text)
  if (range) return [Number(range[1]), Number(range[2])]
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return Number.isNaN(number) ? text : number
}
