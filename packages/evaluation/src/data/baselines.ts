/**
 * Results of other methods on the same splits: those stored with the tables, and files of `bench/baselines`, one per
 * method, whose first line says how they came about.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EvaluationError } from '../evaluation-error.ts'

/** One stored result; the metrics depend on the task. */
export interface BaselineResult {
  dataset: string
  model: string
  seed: number
  [metric: string]: string | number
}

/** First line of a file of results: method, versions, settings, search. */
export interface BaselineProtocol {
  protocol: string
  /** Limit of training rows, when it is not that of the stored splits. */
  train_rows?: number
  [key: string]: unknown
}

/** What a folder of result files holds. */
export interface BaselineFiles {
  protocols: BaselineProtocol[]
  results: BaselineResult[]
}

/**
 * Read every `*.jsonl` of the folder whose limit of training rows is the given one.
 *
 * @param trainRows undefined for the stored splits
 * @throws EvaluationError when there is no such folder or a line is not JSON
 */
export function readBaselineFiles(dir: string, trainRows: number | undefined): BaselineFiles {
  if (!existsSync(dir))
    throw new EvaluationError(`Expected a folder of baseline results at ${dir}; there is none.`)
  const files: BaselineFiles = { protocols: [], results: [] }
  for (const name of readdirSync(dir).sort()) {
    if (!name.endsWith('.jsonl')) continue
    const [head, ...results] = parseLines(join(dir, name)) as [BaselineProtocol, ...BaselineResult[]]
    if (typeof head?.protocol !== 'string')
      throw new EvaluationError(`Expected the protocol in the first line of ${join(dir, name)}.`)
    if (head.train_rows !== trainRows) continue
    files.protocols.push(head)
    files.results.push(...results)
  }
  return files
}

function parseLines(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line, i) => {
    try {
      return JSON.parse(line)
    } catch (cause) {
      throw new EvaluationError(`Line ${i + 1} of ${path} is not JSON.`, { cause })
    }
  })
}
