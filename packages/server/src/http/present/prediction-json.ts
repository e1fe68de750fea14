/**
 * Predictions as JSON text, in pieces: a large one has millions of numbers, and turning them into text at once would stop
 * every other request. Between pieces other work gets its turn.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { MainValues, PredictionValues } from '../../domain/ports/predictor.ts'

/** Numbers turned into text, or checked, before others get a turn: about a millisecond of work each. */
const NUMBERS_PER_PIECE = 4_096
const CHECKS_PER_TURN = 500_000

/**
 * Make sure that every number can be written as JSON; called before the answer starts.
 *
 * @throws Error when a value is NaN or infinite, which would be a bug of the engine
 */
export async function assertFinite(values: PredictionValues): Promise<void> {
  for (const [name, array] of arraysOf(values)) {
    for (let start = 0; start < array.length; start += CHECKS_PER_TURN) {
      const end = Math.min(array.length, start + CHECKS_PER_TURN)
      for (let i = start; i < end; i++) {
        if (!Number.isFinite(array[i])) throw new Error(`prediction has ${array[i]} in ${name} at ${i}`)
      }
      if (end < array.length) await breathe()
    }
  }
}

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

function* vector(values: Float64Array): Generator<string> {
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

/** Row-major values as rows of `width`. */
function* matrix(values: Float64Array, width: number): Generator<string> {
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

function arraysOf(values: PredictionValues): [string, Float64Array][] {
  const main = ({ mean, median, mode, quantiles }: MainValues): [string, Float64Array][] => [
    ['mean', mean],
    ['median', median],
    ['mode', mode],
    ...quantiles.map((row): [string, Float64Array] => ['quantiles', row]),
  ]
  switch (values.output) {
    case 'preds':
      return []
    case 'probas':
      return [['probabilities', values.probabilities]]
    case 'mean':
    case 'median':
    case 'mode':
      return [[values.output, values.values]]
    case 'quantiles':
      return values.quantiles.map((row) => ['quantiles', row])
    case 'main':
      return main(values)
    case 'full':
      return [...main(values), ['logits', values.logits], ['borders', values.borders]]
  }
}
