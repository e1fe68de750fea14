/** What runners tell, as events of a run. How a run ends is decided here, by its result; events do not say it. */
import type { ReportedResults, RunnerEvent, RunnerResult, RunResults } from '@posterior/contracts'
import { RUN_EVENTS } from '@posterior/contracts'
import type { NewRunEvent } from '../../ports/runs.ts'

/** Longest text of a failure that is kept, in characters. */
const MAX_REASON = 2_000

/**
 * The event as it is kept: one of an unknown kind becomes a line of the log. Undefined for `done` and `error`, which come
 * again with the result.
 */
export function reportedEvent({ event, ...told }: RunnerEvent, ts: number): NewRunEvent | undefined {
  if (event === 'done' || event === 'error') return undefined
  const { seq: _seq, ts: _ts, ...fields } = told as Record<string, unknown>
  const known = RUN_EVENTS.find((name) => name === event)
  if (known) return { ts, event: known, fields }
  return { ts, event: 'log', fields: { line: `${event} ${JSON.stringify(fields)}` } }
}

/** What is kept of the figures of a run. */
type Figures = Record<Exclude<keyof ReportedResults, 'steps' | 'evals'>, number | null> & { steps: number }

/** How a runner says that a run ended, in our words. */
export type ReportedEnd =
  | { kind: 'completed'; figures: Figures; evals: RunResults['evals'] }
  | { kind: 'skipped' | 'failed'; reason: string }
  | { kind: 'cancelled' }

/** The end that a result tells. A run of no steps, or one that says it was skipped, has skipped, whatever its status is. */
export function reportedEnd(result: RunnerResult): ReportedEnd {
  const done = result.events?.findLast(({ event }) => event === 'done') ?? { event: 'done' }
  const { status } = result
  if (status === 'cancelled') return { kind: 'cancelled' }
  if (status === 'failed' || status === 'error') return { kind: 'failed', reason: reasonOf(result, 'error') }
  const figures = figuresOf(result.results ?? {}, done)
  if (status === 'skipped' || done['status'] === 'skipped' || figures.steps === 0) {
    return { kind: 'skipped', reason: reasonOf(result, 'done') }
  }
  return { kind: 'completed', figures, evals: result.results?.evals ?? {} }
}

function reasonOf({ error, events }: RunnerResult, kind: 'error' | 'done'): string {
  const event = events?.findLast((each) => each.event === kind)
  const told = [
    typeof error === 'string' ? error : error?.message,
    event?.['message'],
    event?.['reason'],
  ].find((text) => typeof text === 'string' && text.trim() !== '')
  const text = String(told ?? 'The runner gave no reason; its own output may have one.')
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}...` : text
}

function figuresOf(given: ReportedResults, done: Record<string, unknown>): Figures {
  const figure = (name: keyof Figures): number | null => {
    const value = given[name] ?? done[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : null
  }
  return {
    steps: Math.max(0, Math.round(figure('steps') ?? 0)),
    final_loss: figure('final_loss'),
    mean_loss_first_10pct: figure('mean_loss_first_10pct'),
    mean_loss_last_10pct: figure('mean_loss_last_10pct'),
    held_out_ratio: figure('held_out_ratio'),
    wall_time_s: figure('wall_time_s'),
  }
}
