/**
 * Predictions as JSON text, in pieces: a large one has millions of numbers, and turning them into text at once would stop
 * every other request. Between pieces other work gets its turn.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { MainValues, PredictionValues } from '../../domain/ports/predictor.ts'

/** Numbers turned into text before others get a turn: about a millisecond of work. */
const NUMBERS_PER_PIECE = 4_096

/** The body of a predict answer as pieces of JSON text: `prediction` and then `rest`, which is not empty. */
export async function* predictionJson(
  values: PredictionValues,
  rest: Readonly<Record<string, unknown>>,
): AsyncGenerator<string> {
  yield '{"prediction":'
  for (const piece of valuePieces(values)) {
    yield piece
    await breathe()
  }
  yield `,${JSON.stringify(rest).slice(1)}`
}

function* valuePieces(values: PredictionValues): Generator<string> {
  switch (values.output) {
    case 'preds':
      yield* list(values.labels.length, (i) => JSON.stringify(values.labels[i]))
      return
    case 'probas':
      yield* matrix(values.probabilities, values.classes.length)
      return
    case 'mean':
    case 'median':
    case 'mode':
      yield* vector(values.values)
      return
    case 'quantiles':
      yield* vectors(values.quantiles)
      return
    case 'main':
      yield* mainPieces(values)
      yield '}'
      return
    case 'full':
      yield* mainPieces(values)
      yield ',"logits":'
      yield* matrix(values.logits, values.borders.length - 1)
      yield ',"borders":'
      yield* vector(values.borders)
      yield '}'
      return
  }
}

/** An object that is still open. */
function* mainPieces({ mean, median, mode, quantiles }: MainValues): Generator<string> {
  yield '{"mean":'
  yield* vector(mean)
  yield ',"median":'
  yield* vector(median)
  yield ',"mode":'
  yield* vector(mode)
  yield ',"quantiles":'
  yield* vectors(quantiles)
}

/** A list of numbers as pieces of JSON text. */
export function* vector(values: Float64Array): Generator<string> {
  yield* list(values.length, (i) => String(values[i]))
}

function* vectors(rows: readonly Float64Array[]): Generator<string> {
  yield '['
  for (const [i, row] of rows.entries()) {
    if (i > 0) yield ','
    yield* vector(row)
  }
  yield ']'
}

/** Row-major values as pieces of JSON text: rows of `width`. */
export function* matrix(values: Float64Array, width: number): Generator<string> {
  const rowsPerPiece = Math.max(1, Math.floor(NUMBERS_PER_PIECE / width))
  yield* list(
    width === 0 ? 0 : values.length / width,
    (row) => `[${values.subarray(row * width, (row + 1) * width).join(',')}]`,
    rowsPerPiece,
  )
}

function* list(
  length: number,
  render: (index: number) => string,
  perPiece = NUMBERS_PER_PIECE,
): Generator<string> {
  let text = '['
  for (let i = 0; i < length; i++) {
    if (i > 0) text += ','
    text += render(i)
    if ((i + 1) % perPiece === 0) {
      yield text
      text = ''
    }
  }
  yield `${text}]`
}
