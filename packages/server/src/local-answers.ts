/**
 * The Predict API without a server: the same reading, checks, engine and form of the answer, in this process and one child.
 * What it answers is what a server answers for the same model.
 */
import type { Environment } from './config.ts'
import { loadConfig } from './config.ts'
import { AppError } from './domain/app-error.ts'
import { Answers } from './domain/studio/answers.ts'
import type { AnswerTarget } from './domain/studio/read-question.ts'
import { questionOf } from './http/dialects/studio-question.ts'
import { JsonReader } from './http/json/json-reader.ts'
import { studioAnswerBody } from './http/present/studio-answer-json.ts'
import { inlineValues, limitsOf } from './limits-of.ts'
import { createLogger } from './logger.ts'

const MAX_DEPTH = 8

/** Nobody is charged here. */
const FREE = {
  charge: async (_: string, { tokens }: { tokens: number }) => {
    return { tokens, settle: async () => {}, release: async () => {} }
  },
}

export interface LocalAnswersOptions {
  /** Folder of installed models; default: those of the release. */
  modelsDir?: string | undefined
  /** Default: the cores that this process may use. */
  threads?: number | undefined
  /** Settings with the limits. */
  env: Environment
}

/** What is asked: an installed model, or the brain in a folder with what its manifest says of it. */
export type LocalTarget = AnswerTarget

export interface LocalAnswers {
  /**
   * Answer the body of a Predict call.
   *
   * @returns the body of the answer, as JSON
   * @throws AppError with the message and the code that a server answers with
   */
  ask(target: LocalTarget, body: Record<string, unknown>, signal: AbortSignal): Promise<string>
  close(): Promise<void>
}

/**
 * The body of a Predict call as it came; `NaN` stands for null.
 *
 * @throws AppError MALFORMED_JSON, LIMIT_EXCEEDED, REQUEST_VALIDATION_ERROR when it is no object
 */
export function readQuestionText(text: Uint8Array, env: Environment): Record<string, unknown> {
  const reader = new JsonReader({ maxValues: inlineValues(limitsOf(loadConfig(env))), maxDepth: MAX_DEPTH })
  reader.write(Buffer.from(text))
  const body = reader.finish()
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>
  throw new AppError('REQUEST_VALIDATION_ERROR', { message: 'The question must be a JSON object.' })
}

/** Start an engine that answers. @throws EngineError when it does not start */
export async function openLocalAnswers({
  modelsDir,
  threads = 0,
  env,
}: LocalAnswersOptions): Promise<LocalAnswers> {
  const config = loadConfig(env)
  const limits = limitsOf(config)
  const { EnginePredictor } = await import('./adapters/engine/engine-predictor.ts')
  const predictor = await EnginePredictor.start(
    {
      modelsDir,
      threads,
      processes: 1,
      maxQueue: 1,
      contextCacheBytes: 0,
      maxFullRows: limits.model.test_set_max_rows_w_full_regression_output,
      thinkingAtOnce: 1,
    },
    createLogger('silent'),
  )
  const answers = new Answers({ predictor, metering: FREE, limits })
  return {
    ask: async (target, body, signal) => {
      const { unknownFields, ...question } = questionOf(body)
      const answer = await answers.answer('', target, question, signal)
      let text = ''
      const parts = studioAnswerBody(answer, unknownFields)
      for await (const part of typeof parts === 'string' ? [parts] : parts) text += String(part)
      return text
    },
    close: () => predictor.close(),
  }
}
