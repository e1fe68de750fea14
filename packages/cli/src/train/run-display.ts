/** Shows the events of a training run: a bar on a terminal, and a line for what should stay in a log. */
import type { RunEvent } from '@posterior/training'
import type { Progress } from '../progress.ts'

/** Share of the newest loss in the shown one; single steps are noisy. */
const SMOOTHING = 0.05

/** Turns events into progress; one per run. */
export class RunDisplay {
  readonly #progress: Progress
  readonly #losses = new Map<string, number>()

  constructor(progress: Progress) {
    this.#progress = progress
  }

  /** Show one event. */
  show(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.#progress.note(
          `${event.resumed ? `Resuming at step ${event.step}` : 'Starting'}: ${event.parameters} weights.`,
        )
        break
      case 'step': {
        const before = this.#losses.get(event.task)
        this.#losses.set(
          event.task,
          before === undefined ? event.loss : before + SMOOTHING * (event.loss - before),
        )
        const losses = [...this.#losses].map(([task, loss]) => `${task} loss ${loss.toFixed(3)}`).sort()
        this.#progress.update(
          event.progress,
          [`step ${event.step}`, ...losses, `${event.datasets} tables`].join(', '),
        )
        break
      }
      case 'skipped':
        this.#progress.note(`step ${event.step}: the gradient was ${event.gradientNorm}, the step is skipped`)
        break
      case 'evaluation':
        this.#progress.note(
          `step ${event.step}: held-out loss, as a share of the loss without features: ${sharesOf(event)}`,
        )
        break
      case 'score':
        this.#progress.note(`step ${event.step}, ${event.slug}: ${scoreOf(event)}`)
        break
      case 'finished':
        this.#progress.note(
          `Finished after ${event.step} steps on ${event.datasets} tables in ${(event.seconds / 60).toFixed(1)} minutes.`,
        )
        break
      case 'failed':
        this.#progress.note(`failed: ${event.message}`)
        break
      case 'saved':
        break
    }
  }
}

function sharesOf(event: Extract<RunEvent, { type: 'evaluation' }>): string {
  return (['classification', 'regression', 'discovery'] as const)
    .flatMap((task) => (event[task] === null ? [] : [`${task} ${event[task].toFixed(3)}`]))
    .join(', ')
}

function scoreOf({ skipped, skipReason, metrics }: Extract<RunEvent, { type: 'score' }>): string {
  if (skipped) return `not scored: ${skipReason}`
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(', ')
}
