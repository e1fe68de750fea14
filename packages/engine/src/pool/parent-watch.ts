/**
 * End this process when its parent is gone.
 *
 * The closing of the IPC channel tells an idle child; a child inside ONNX Runtime does not see it, because `run()`
 * blocks its event loop, for minutes on a large table. So a thread of its own looks at the parent's id: a process whose
 * parent died is given another one.
 */
import { Worker } from 'node:worker_threads'

const PERIOD_MS = 500

const WATCH = `
const { workerData } = require('node:worker_threads')
setInterval(() => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL')
}, workerData.periodMs)
`

/** @param parent id of the process that started this one */
export function watchParent(parent: number): void {
  process.once('disconnect', () => process.exit(0))
  new Worker(WATCH, {
    eval: true,
    workerData: { parent, periodMs: PERIOD_MS },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref()
}
