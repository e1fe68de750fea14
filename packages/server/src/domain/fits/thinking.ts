/**
 * Thinking of a fit: what a request asks for, checked against what this server allows, before any data is read. What only
 * the data can tell (rows, number of classes) the engine checks, and its errors get the names of the request's fields here.
 */
import { parseModelPath, type Task, THINKING_METRICS, type ThinkingEffort } from '@posterior/contracts'
import { AppError, invalidField } from '../app-error.ts'

/** Where a request says what about thinking, for messages. */
export interface ThinkingFields {
  /** What turned thinking on. */
  switch: string
  timeout: string
  metric: string
  /** `model_path`, with its path. */
  model: string
}

/** What a request asks for. */
export interface ThinkingCommand {
  effort?: ThinkingEffort | null | undefined
  timeoutSeconds?: number | null | undefined
  metric?: string | null | undefined
  fields: Omit<ThinkingFields, 'model'>
}

/** What an installation allows; times in seconds. */
export interface ThinkingLimits {
  /** Time when the request names none, by effort. */
  seconds: Readonly<Record<ThinkingEffort, number>>
  /** Most time that a request may name; more is cut to it, and the answers say so. */
  maxSeconds: number
  /** Fewest training rows. */
  minRows: number
}

/** The thinking of one fit; kept with it, plain JSON. */
export interface ThinkingPlan {
  effort: ThinkingEffort
  /** Time that the search may take. */
  seconds: number
  /** Time asked for, when that was more. */
  askedSeconds?: number
  metric?: string
  minRows: number
}

/** Versions of the hosted service's models that have no thinking. */
const WITHOUT_THINKING = /^v2(\.|$)/

/**
 * Check what a request asks for.
 *
 * @throws AppError REQUEST_VALIDATION_ERROR that names the field
 */
export function planThinking(
  command: ThinkingCommand,
  { task, modelPath, modelField }: { task: Task; modelPath: string | null | undefined; modelField: string },
  limits: ThinkingLimits,
): ThinkingPlan {
  const choice = parseModelPath(modelPath, task)
  if (choice?.kind === 'default' && choice.version && WITHOUT_THINKING.test(choice.version)) {
    const message = `thinking needs a model of version v3 or later; ${choice.version} was asked for`
    throw invalidField(modelField, message)
  }
  const { metric } = command
  const allowed = THINKING_METRICS[task]
  if (metric != null && !allowed.includes(metric)) {
    const message = `${JSON.stringify(metric)} is not a metric of ${task}; choose one of ${allowed.join(', ')}`
    throw invalidField(command.fields.metric, message)
  }
  const effort = command.effort ?? 'medium'
  const asked = command.timeoutSeconds ?? limits.seconds[effort]
  const seconds = Math.min(asked, limits.maxSeconds)
  return {
    effort,
    seconds,
    ...(asked > seconds && command.timeoutSeconds != null && { askedSeconds: asked }),
    ...(metric != null && { metric }),
    minRows: limits.minRows,
  }
}

/** Fields of the engine's thinking options, as its errors name them. */
const ENGINE_FIELDS: Readonly<Record<string, keyof ThinkingFields>> = {
  thinking: 'switch',
  thinkingMetric: 'metric',
  thinkingSeconds: 'timeout',
}

/** The same error, with the names that the request has for the fields of thinking. */
export function blameThinking(error: unknown, { fields }: ThinkingCommand): unknown {
  if (!(error instanceof AppError)) return error
  const renamed = error.errors.map(({ field, message }) => {
    const own = ENGINE_FIELDS[field]
    return { field: own === undefined || own === 'model' ? field : fields[own], message }
  })
  if (renamed.every(({ field }, i) => field === error.errors[i]!.field)) return error
  const { message, body, headers } = error
  return new AppError(error.code, { message, errors: renamed, body, headers, cause: error })
}

/** What a caller should know of a plan beside each prediction. */
export function planWarnings({ seconds, askedSeconds }: ThinkingPlan): string[] {
  if (askedSeconds === undefined) return []
  return [
    `Thinking was given ${seconds} seconds, the most that this server allows; ${askedSeconds} were asked for.`,
  ]
}
