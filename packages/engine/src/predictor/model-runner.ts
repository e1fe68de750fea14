/** Runs a model's graphs over members and rows in pieces of a fixed size. */
import type { WeightTensor } from '@posterior/model'
import type { NumericColumn } from '@posterior/tabular'
import {
  COLUMN_IDS,
  type Context,
  type ContextState,
  memberChannels,
  sliceMembers,
} from '../context/context-state.ts'
import { columnIdentities } from '../ensemble/plan.ts'
import { EngineError } from '../errors.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { GraphSessions } from '../runtime/graph-sessions.ts'
import type { OnnxSession } from '../runtime/onnx.ts'
import { checkAborted } from './check-aborted.ts'
import { cellTensor, classTensor, type MemberView, sliceRows, targetTensor } from './member-inputs.ts'
import { membersPerRun, planRuns } from './work-size.ts'

export interface RunOptions {
  readonly signal?: AbortSignal
  /** Told after each run of the model: runs done and in all. */
  readonly onProgress?: (done: number, total: number) => void
}

export class ModelRunner {
  readonly #sessions: GraphSessions

  constructor(threads: number) {
    this.#sessions = new GraphSessions(threads)
  }

  /** Release the models. */
  async close(): Promise<void> {
    await this.#sessions.close()
  }

  /**
   * Read labelled rows with all members.
   *
   * @returns the tensors of the context
   * @throws EngineError model_corrupt, non_finite_output, aborted
   */
  async encode(
    model: ModelInfo,
    state: ContextState,
    { columns, labels }: { columns: readonly NumericColumn[]; labels: Int32Array | Float64Array },
    run: RunOptions,
  ): Promise<Map<string, WeightTensor>> {
    const total = state.members.length
    if (total === 0) return new Map()
    const session = await this.#sessions.get(model, state.task, 'encode')
    const width = columns.length
    const ids = columnIdentities(state.options.randomState, total, width)
    const tensors = new Map<string, WeightTensor>([
      [COLUMN_IDS, { shape: [total, width, ids.length / total / width], data: ids }],
    ])
    const together = membersPerRun(state.rowCount, width, total)
    for (let first = 0; first < total; first += together) {
      checkAborted(run.signal)
      const last = Math.min(total, first + together)
      const members = memberViews(state, first, last)
      const results = await session.run({
        x: cellTensor(members, columns),
        y: labels instanceof Int32Array ? classTensor(members, labels) : targetTensor(members, labels),
        column_ids: sliceMembers(tensors.get(COLUMN_IDS)!, first, last),
      })
      for (const [name, { data, dims }] of Object.entries(results)) {
        const part = data as Float32Array
        checkFinite(part)
        const size = part.length / (last - first)
        let tensor = tensors.get(name)
        if (!tensor) {
          tensor = { shape: [total, ...dims.slice(1)], data: new Float32Array(size * total) }
          tensors.set(name, tensor)
        }
        tensor.data.set(part, first * size)
      }
      run.onProgress?.(last, total)
    }
    return tensors
  }

  /**
   * Answer rows with all members.
   *
   * @param take  gets the members' outputs for each chunk of rows in turn, each row-major
   * @throws EngineError model_corrupt, context_corrupt, non_finite_output, aborted
   */
  async query(
    model: ModelInfo,
    { state, tensors }: Context,
    columns: readonly NumericColumn[],
    run: RunOptions,
    take: (firstRow: number, outputs: Float32Array[]) => void,
  ): Promise<void> {
    const session = await this.#sessions.get(model, state.task, 'predict')
    checkInputs(session, tensors)
    const rows = columns[0]!.values.length
    const total = state.members.length
    const size = planRuns(rows, columns.length, total)
    const views = memberViews(state, 0, total)
    const [output] = session.outputNames
    const runs = Math.ceil(rows / size.rows) * Math.ceil(total / size.members)
    let done = 0
    for (let firstRow = 0; firstRow < rows; firstRow += size.rows) {
      const chunk = sliceRows(columns, firstRow, Math.min(rows, firstRow + size.rows))
      const outputs: Float32Array[] = []
      for (let first = 0; first < total; first += size.members) {
        checkAborted(run.signal)
        const last = Math.min(total, first + size.members)
        const feeds = { x: cellTensor(views.slice(first, last), chunk), ...memberFeeds(tensors, first, last) }
        const data = (await session.run(feeds))[output!]!.data as Float32Array
        checkFinite(data)
        const each = data.length / (last - first)
        for (let k = 0; k < last - first; k++) outputs.push(data.subarray(k * each, (k + 1) * each))
        run.onProgress?.(++done, runs)
      }
      take(firstRow, outputs)
    }
  }
}

function memberViews(state: ContextState, first: number, last: number): MemberView[] {
  return state.members
    .slice(first, last)
    .map((member) => ({ state: member, channels: memberChannels(state, member) }))
}

function memberFeeds(tensors: ReadonlyMap<string, WeightTensor>, first: number, last: number) {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, sliceMembers(tensor, first, last)]))
}

function checkInputs(session: OnnxSession, tensors: ReadonlyMap<string, WeightTensor>): void {
  const missing = session.inputNames.filter((name) => name !== 'x' && !tensors.has(name))
  if (missing.length === 0 && tensors.size + 1 === session.inputNames.length) return
  throw new EngineError('context_corrupt', 'This fitted model does not belong to its model. Fit again.', {
    details: { missing },
  })
}

function checkFinite(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    // NaN and both infinities fail this comparison, nothing else does.
    if (!(Math.abs(values[i]!) < Number.POSITIVE_INFINITY)) {
      throw new EngineError(
        'non_finite_output',
        'The model gave a value that is not a finite number for this table. ' +
          'Look for extreme values in its columns, or choose another model.',
      )
    }
  }
}
