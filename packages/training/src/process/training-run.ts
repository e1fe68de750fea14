/**
 * A training run in a process of its own: it may use all memory or be killed without taking the caller along, and it
 * never blocks the caller's event loop.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import type { RunEvent } from '../run/run-events.ts'
import type { TrainingConfig } from '../run/training-config.ts'
import { TrainingError, TrainingInterrupted } from '../run/training-error.ts'
import type { FromTrainer, ProcessOptions, ToTrainer } from './protocol.ts'

export interface TrainingRun {
  readonly processId: number
  /** True when the run is complete, false when it was stopped; its state is saved either way. */
  readonly done: Promise<boolean>
  /** Save after the step in progress and end. */
  stop(): void
}

/**
 * Start a run, or go on with the one in `options.folder`.
 *
 * `done` rejects with the trainer's message when it fails, and with TrainingInterrupted when the process is killed.
 *
 * @param options.niceness  0 to 19: how far other processes go before this one; default 0
 */
export function startTrainingRun(
  config: TrainingConfig,
  options: ProcessOptions & { readonly onEvent?: (event: RunEvent) => void; readonly niceness?: number },
): TrainingRun {
  const child = fork(new URL('./trainer-process.ts', import.meta.url), { serialization: 'advanced' })
  const send = (message: ToTrainer) => {
    if (child.connected) child.send(message)
  }
  const { onEvent, niceness = 0, ...processOptions } = options
  if (niceness > 0) yieldTo(child, niceness)
  const done = new Promise<boolean>((resolve, reject) => {
    child.on('message', (message: FromTrainer) => {
      if (message.type === 'event') onEvent?.(message.event)
      else if (message.type === 'done') resolve(message.finished)
      else reject(message.isExpected ? new TrainingError(message.message) : new Error(message.message))
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      reject(
        new TrainingInterrupted(
          `the training process ended by ${signal ?? `exit code ${code}`}; resume the run to go on`,
        ),
      )
    })
  })
  send({ type: 'start', config, options: processOptions })
  return { processId: child.pid!, done, stop: () => send({ type: 'stop' }) }
}

/** Before the process starts its threads, which inherit it. */
function yieldTo({ pid }: ChildProcess, niceness: number): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness)
  } catch {
    // It has ended already, which `done` tells.
  }
}
