/** Answers of the Predict API as JSON: small ones at once, large ones in pieces. */
import { Readable } from 'node:stream'
import { setImmediate as breathe } from 'node:timers/promises'
import type { AnswerResult, ForecastResult } from '../../domain/ports/answerer.ts'
import type { StudioAnswer } from '../../domain/studio/answers.ts'
import { matrix, vector } from './prediction-json.ts'

/** Text that is sent at once; longer answers leave in pieces, with others' turns between. */
const SMALL_CHARACTERS = 65_536

/** Fields named in a warning; more are counted. */
const MAX_NAMED = 5

/** The body of an answer. @param unknownFields fields of the request that mean nothing here */
export function studioAnswerBody(answer: StudioAnswer, unknownFields: readonly string[]): string | Readable {
  const pieces = answerPieces(answer, unknownFields)
  let text = ''
  while (text.length < SMALL_CHARACTERS) {
    const next = pieces.next()
    if (next.done) return text
    text += next.value
  }
  return Readable.from(inTurns(text, pieces))
}

async function* inTurns(first: string, rest: Iterable<string>): AsyncGenerator<string> {
  yield first
  for (const piece of rest) {
    yield piece
    await breathe()
  }
}

function* answerPieces(answer: StudioAnswer, unknownFields: readonly string[]): Generator<string> {
  const { result, settings, target } = answer
  yield '{"predictions":'
  yield* vector(predictionsOf(result, settings.point ?? 'mean'))
  if (result.task === 'classification') {
    yield `,"classes":${JSON.stringify(result.classes)},"probabilities":`
    yield* matrix(result.probabilities, result.classes.length)
  } else yield* numberPieces(answer, result)
  const rest = {
    ...sizesOf(answer),
    ...('season' in result && { season: result.season, lags: result.lags }),
    model: target.name,
    warnings: [...(answer.question.notes ?? []), ...result.warnings, ...ignored(unknownFields)],
  }
  yield `,${JSON.stringify(rest).slice(1)}`
}

function* numberPieces(
  { levels, interval }: StudioAnswer,
  { quantiles, bars }: Exclude<AnswerResult, { task: 'classification' }>,
): Generator<string> {
  const [lower, upper] = [quantiles.at(-2)!, quantiles.at(-1)!]
  yield `,"interval":${interval},"lower":`
  yield* vector(lower)
  yield ',"upper":'
  yield* vector(upper)
  yield ',"quantiles":{'
  // The same level twice is one key.
  const byLevel = new Map(levels.slice(0, -2).map((level, i) => [String(level), quantiles[i]!]))
  let isFirst = true
  for (const [level, values] of byLevel) {
    yield `${isFirst ? '' : ','}"${level}":`
    yield* vector(values)
    isFirst = false
  }
  yield '}'
  if (!bars) return
  yield ',"distribution":{"borders":'
  yield* vector(bars.borders)
  yield ',"logits":'
  yield* matrix(bars.logits, bars.borders.length - 1)
  yield '}'
}

function predictionsOf(result: AnswerResult | ForecastResult, point: 'mean' | 'median'): Float64Array {
  return result.task === 'classification' ? Float64Array.from(result.labels) : result[point]
}

function sizesOf({ question }: StudioAnswer) {
  if (question.kind === 'series') {
    const { history, horizon } = question
    return { task: 'time_series', context_size: history.length, query_size: horizon }
  }
  return { task: question.task, context_size: question.x.rows, query_size: question.query.rows }
}

function ignored(fields: readonly string[]): string[] {
  if (fields.length === 0) return []
  const named = fields.slice(0, MAX_NAMED).map((field) => JSON.stringify(field.slice(0, 40)))
  const more = fields.length > MAX_NAMED ? ` and ${fields.length - MAX_NAMED} more` : ''
  return [`Fields that mean nothing here were ignored: ${named.join(', ')}${more}.`]
}
