/**
 * Results on disk, so that a run that was stopped goes on where it was: JSON lines, the first of which says what was run.
 * A last line that a kill cut off is dropped.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { EvaluationError } from '../evaluation-error.ts'
import type { SplitResult } from './evaluate-split.ts'

/** What all results of one file have in common. */
export interface RunProtocol {
  model: string
  version: string
  /** SHA-256 of the weights. */
  checksum: string
  estimators: number
  /** Limit of training rows; null for that of the stored splits. */
  trainRows: number | null
  /** Absent: as the model was trained. */
  ridgeColumns?: boolean
}

export class ResultsFile {
  readonly #path: string
  readonly #results: SplitResult[]

  private constructor(path: string, results: SplitResult[]) {
    this.#path = path
    this.#results = results
  }

  /**
   * Open a file, or begin it.
   *
   * @throws EvaluationError when it holds results of another model or other settings, or cannot be read
   */
  static open(path: string, protocol: RunProtocol): ResultsFile {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, `${JSON.stringify(protocol)}\n`)
      return new ResultsFile(path, [])
    }
    const text = readFileSync(path, 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    const [head, ...lines] = whole.split('\n').slice(0, -1)
    if (head === undefined || head !== JSON.stringify(protocol)) {
      throw new EvaluationError(
        `${path} holds results of another run:\n  ${head ?? '(nothing)'}\nwhile this one is\n  ${JSON.stringify(protocol)}\nGive another folder with --out, or remove the file.`,
      )
    }
    const results = lines.map((line, i) => parseResult(line, `line ${i + 2} of ${path}`))
    if (whole.length < text.length) writeFileSync(path, whole)
    return new ResultsFile(path, results)
  }

  /** All results, in the order in which they came. */
  get results(): readonly SplitResult[] {
    return this.#results
  }

  has(dataset: string, seed: number): boolean {
    return this.#results.some((result) => result.dataset === dataset && result.seed === seed)
  }

  /** Write one result; it is in the file when this returns. NaN becomes null. */
  append(result: SplitResult): void {
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`)
    this.#results.push(result)
  }
}

function parseResult(line: string, where: string): SplitResult {
  let parsed: SplitResult
  try {
    parsed = JSON.parse(line) as SplitResult
  } catch (cause) {
    throw new EvaluationError(`Expected a result in JSON in ${where}.`, { cause })
  }
  const metrics = Object.entries(parsed.metrics as Record<string, number | null>)
  return {
    ...parsed,
    metrics: Object.fromEntries(metrics.map(([name, value]) => [name, value ?? Number.NaN])),
  }
}
