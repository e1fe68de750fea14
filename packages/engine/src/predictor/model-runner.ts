/** Runs a model's graphs over members and rows in pieces of a fixed size. */
import { quantilesOfBars, type WeightTensor } from '@posterior/model'
import { type NumericColumn, ridgeColumns, takeColumnRows } from '@posterior/tabular'
import {
  COLUMN_IDS,
  type EnsembleContext,
  type EnsembleState,
  groupsOf,
  memberGroups,
  sliceMembers,
  tensorName,
} from '../context/context-state.ts'
import { columnIdentities } from '../ensemble/plan.ts'
import { EngineError } from '../errors.ts'
import type { ModelInfo } from '../models/model-catalog.ts'
import { GraphSessions } from '../runtime/graph-sessions.ts'
import type { OnnxSession, TensorValue } from '../runtime/onnx.ts'
import { checkAborted } from './check-aborted.ts'
import { cellTensor, classTensor, memberView, sliceRows, takeLabels, targetTensor } from './member-inputs.ts'
import { membersPerRun, planRuns } from './work-size.ts'

export interface RunOptions {
  readonly signal?: AbortSignal
  /** Told after each run of the model: runs done and in all. */
  readonly onProgress?: (done: number, total: number) => void
  /** Told the size of the table of a prediction or of a fit with thinking when it has been read, before the model runs. */
  readonly onRead?: (size: { rows: number; columns: number }) => void
}

/** Training rows, and which of them each member learns from. */
export interface LabelledRows {
  /** Encoded, and the ridge columns. */
  readonly columns: readonly NumericColumn[]
  /** Class of each row, or standardised target. */
  readonly labels: Int32Array | Float64Array
  /** By member; null = all. */
  readonly memberRows: readonly (Int32Array | null)[]
}

interface GroupRun {
  readonly signal: AbortSignal | undefined
  readonly keep: (name: string, tensor: WeightTensor) => void
  readonly progress: (members: number) => void
}

export class ModelRunner {
  readonly #sessions: GraphSessions

  constructor(threads: number) {
    this.#sessions = new GraphSessions(threads)
  }

  /** The loaded graphs, for what is no question about rows. */
  get sessions(): GraphSessions {
    return this.#sessions
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
    state: EnsembleState,
    labelled: LabelledRows,
    run: RunOptions,
  ): Promise<Map<string, WeightTensor>> {
    const total = state.members.length
    const tensors = new Map<string, WeightTensor>()
    if (total === 0) return tensors
    const session = await this.#sessions.get(model, state.task, 'encode')
    let done = 0
    for (const [g, members] of groupsOf(state).entries()) {
      await this.#encodeGroup(session, state, members, labelled, {
        signal: run.signal,
        keep: (name, tensor) => tensors.set(tensorName(state, g, name), tensor),
        progress: (count) => {
          done += count
          run.onProgress?.(done, total)
        },
      })
    }
    return tensors
  }

  /** Read labelled rows with the members of one group, whose tables have one shape. */
  async #encodeGroup(
    session: OnnxSession,
    state: EnsembleState,
    group: readonly number[],
    { columns, labels, memberRows }: LabelledRows,
    { signal, keep, progress }: GroupRun,
  ): Promise<void> {
    const width = state.members[group[0]!]!.order.length
    const rowCount = memberRows[group[0]!]?.length ?? labels.length
    const ids = columnIdentities(state.options.randomState, group, width)
    const identities: WeightTensor = {
      shape: [group.length, width, ids.length / group.length / width],
      data: ids,
    }
    keep(COLUMN_IDS, identities)
    const tensors = new Map<string, WeightTensor>()
    const together = membersPerRun(rowCount, width, group.length)
    for (let first = 0; first < group.length; first += together) {
      checkAborted(signal)
      const last = Math.min(group.length, first + together)
      const part = group.slice(first, last)
      const known = new Map<number, readonly NumericColumn[]>()
      const views = part.map((member) => {
        const rows = memberRows[member] ?? null
        return memberView(state, member, rows ? takeColumnRows(columns, rows) : columns, {
          isTraining: true,
          known,
        })
      })
      const y =
        labels instanceof Int32Array
          ? classTensor(
              views,
              part.map((member) => takeLabels(labels, memberRows[member] ?? null)),
            )
          : targetTensor(
              views,
              part.map((member) => takeLabels(labels, memberRows[member] ?? null)),
            )
      const feeds = { x: cellTensor(views), y, column_ids: sliceMembers(identities, first, last) }
      const results = await session.run(takenBy(session, feeds))
      for (const [name, { data, dims }] of Object.entries(results)) {
        const values = data as Float32Array
        checkFinite(values)
        const size = values.length / (last - first)
        let tensor = tensors.get(name)
        if (!tensor) {
          tensor = { shape: [group.length, ...dims.slice(1)], data: new Float32Array(size * group.length) }
          tensors.set(name, tensor)
          keep(name, tensor)
        }
        tensor.data.set(values, first * size)
      }
      progress(last - first)
    }
  }

  /**
   * Answer rows with all members.
   *
   * @param columns  encoded as those of the labelled rows
   * @param take  gets the members' outputs for each chunk of rows in turn, each row-major
   * @throws EngineError model_corrupt, context_corrupt, non_finite_output, aborted
   */
  async query(
    model: ModelInfo,
    context: EnsembleContext,
    columns: readonly NumericColumn[],
    run: RunOptions,
    take: (firstRow: number, outputs: Float32Array[]) => void,
  ): Promise<void> {
    const { state } = context
    const session = await this.#sessions.get(model, state.task, 'predict')
    const groups = memberGroups(context)
    for (const { tensors } of groups) checkInputs(session, tensors)
    const rows = columns[0]!.values.length
    const widest = Math.max(...state.members.map(({ order }) => order.length))
    const size = planRuns(rows, widest, state.members.length)
    const perRun = groups.map(({ members }) =>
      membersPerRun(size.rows, state.members[members[0]!]!.order.length, members.length),
    )
    const [output] = session.outputNames
    const runs =
      Math.ceil(rows / size.rows) *
      groups.reduce((sum, { members }, g) => sum + Math.ceil(members.length / perRun[g]!), 0)
    let done = 0
    for (let firstRow = 0; firstRow < rows; firstRow += size.rows) {
      const chunk = withRidge(state, sliceRows(columns, firstRow, Math.min(rows, firstRow + size.rows)))
      const known = new Map<number, readonly NumericColumn[]>()
      const outputs: Float32Array[] = new Array(state.members.length)
      for (const [g, { members, tensors }] of groups.entries()) {
        for (let first = 0; first < members.length; first += perRun[g]!) {
          checkAborted(run.signal)
          const last = Math.min(members.length, first + perRun[g]!)
          const part = members.slice(first, last)
          const views = part.map((member) => memberView(state, member, chunk, { isTraining: false, known }))
          const feeds = { x: cellTensor(views), ...memberFeeds(tensors, first, last) }
          const answered = (await session.run(takenBy(session, feeds)))[output!]!
          checkFinite(answered.data as Float32Array)
          const data = rowAnswers(output!, answered)
          const each = data.length / part.length
          part.forEach((member, k) => {
            outputs[member] = data.subarray(k * each, (k + 1) * each)
          })
          run.onProgress?.(++done, runs)
        }
      }
      take(firstRow, outputs)
    }
  }
}

function memberFeeds(tensors: ReadonlyMap<string, WeightTensor>, first: number, last: number) {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, sliceMembers(tensor, first, last)]))
}

/** Class scores or quantiles of rows; bars become quantiles. */
function rowAnswers(name: string, { data, dims }: TensorValue): Float32Array {
  const values = data as Float32Array
  return name === 'bars' ? quantilesOfBars(values, dims.at(-1)!) : values
}

function withRidge({ ridge }: EnsembleState, columns: readonly NumericColumn[]): readonly NumericColumn[] {
  return ridge ? [...columns, ...ridgeColumns(ridge, columns)] : columns
}

/** Not every model tells columns apart by their identities. */
function takenBy({ inputNames }: OnnxSession, feeds: Readonly<Record<string, TensorValue>>) {
  return Object.fromEntries(inputNames.map((name) => [name, feeds[name]!]))
}

function checkInputs(session: OnnxSession, tensors: ReadonlyMap<string, WeightTensor>): void {
  const missing = session.inputNames.filter((name) => name !== 'x' && !tensors.has(name))
  const surplus = [...tensors.keys()].filter(
    (name) => name !== COLUMN_IDS && !session.inputNames.includes(name),
  )
  if (missing.length === 0 && surplus.length === 0) return
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
