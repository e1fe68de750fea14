/** Thinking mode in both forms of a fit request, flat and nested, as one command of the domain. */
import type { FitRequest } from '@posterior/contracts'
import { invalidField } from '../../domain/app-error.ts'
import type { ThinkingCommand } from '../../domain/fits/thinking.ts'

const FLAT_FIELDS = [
  'thinking_effort',
  'thinking_timeout_s',
  'thinking_effort_metric',
  'thinking_metric',
] as const

const NEEDS_THINKING =
  'goes with thinking only: add "thinking" to tabpfn_systems, or name an effort, or leave it out'

type ThinkingRequest = Partial<
  Pick<FitRequest, (typeof FLAT_FIELDS)[number] | 'thinking_config' | 'tabpfn_systems'>
>

/**
 * What a request says about thinking; undefined when it asks for none. Thinking is on when it is among the systems or an
 * effort is named.
 *
 * @throws AppError for time or metric without thinking, and for fields that contradict each other
 */
export function thinkingCommand(body: ThinkingRequest): ThinkingCommand | undefined {
  const given = body.thinking_config == null ? flat(body) : nested(body)
  const isSystem = body.tabpfn_systems?.includes('thinking') ?? false
  if (isSystem || given.effort != null) {
    const field = given.effort == null ? 'tabpfn_systems' : given.fields.switch
    return { ...given, fields: { ...given.fields, switch: field } }
  }
  if (given.timeoutSeconds != null) throw invalidField(given.fields.timeout, NEEDS_THINKING)
  if (given.metric != null) throw invalidField(given.fields.metric, NEEDS_THINKING)
  return undefined
}

function flat(body: ThinkingRequest): ThinkingCommand {
  const { thinking_effort_metric: metric, thinking_metric: other } = body
  if (metric != null && other != null && metric !== other)
    throw invalidField('thinking_metric', 'differs from thinking_effort_metric')
  return {
    effort: body.thinking_effort,
    timeoutSeconds: body.thinking_timeout_s,
    metric: metric ?? other,
    fields: {
      switch: 'thinking_effort',
      timeout: 'thinking_timeout_s',
      metric: metric == null && other != null ? 'thinking_metric' : 'thinking_effort_metric',
    },
  }
}

function nested(body: ThinkingRequest): ThinkingCommand {
  for (const field of FLAT_FIELDS) {
    if (body[field] != null) throw invalidField(field, 'belongs into thinking_config when that is given')
  }
  const { effort, timeout_secs: timeoutSeconds, metric } = body.thinking_config ?? {}
  return {
    effort,
    timeoutSeconds,
    metric,
    fields: {
      switch: 'thinking_config.effort',
      timeout: 'thinking_config.timeout_secs',
      metric: 'thinking_config.metric',
    },
  }
}
