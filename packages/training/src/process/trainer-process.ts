/** Entry point of the process that `startTrainingRun` forks: trains, reports over IPC, saves when it is told to stop. */
import type { RunEvent } from '../run/run-events.ts'
import { lockRun } from '../run/run-lock.ts'
import { train } from '../run/trainer.ts'
import { TrainingError } from '../run/training-error.ts'
import type { FromTrainer, ToTrainer } from './protocol.ts'

const stop = new AbortController()

function send(message: FromTrainer): void {
  // The parent may be gone; the run's log and state on disk tell the rest.
  if (process.connected) process.send!(message)
}

process.on('message', (message: ToTrainer) => {
  if (message.type === 'stop') return stop.abort()
  const onEvent = (event: RunEvent) => send({ type: 'event', event })
  const training = lockRun(message.options.folder).then(() =>
    train(message.config, { ...message.options, onEvent, signal: stop.signal }),
  )
  training.then(
    () => end({ type: 'done', finished: !stop.signal.aborted }),
    (error: Error) => {
      const isExpected = error instanceof TrainingError
      end({ type: 'error', message: isExpected ? error.message : (error.stack ?? error.message), isExpected })
    },
  )
})
// A terminal's interrupt reaches the whole group of processes: the parent decides, and asks by message.
process.on('SIGINT', () => {})
process.on('disconnect', () => stop.abort())

function end(message: FromTrainer): void {
  if (!process.connected) process.exit()
  process.send!(message, () => process.exit())
}
