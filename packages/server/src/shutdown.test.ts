import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Shutdown } from './shutdown.ts'

function quiet() {
  const lines: string[] = []
  const log = (_: object, message: string) => void lines.push(message)
  return { lines, log: { info: log, warn: log, error: log } }
}

test('phases run one after the other, in order', async () => {
  const order: string[] = []
  const shutdown = new Shutdown(quiet().log)
  shutdown.add(
    { name: 'a', timeoutMs: 1_000, run: () => delay(20).then(() => void order.push('a')) },
    { name: 'b', timeoutMs: 1_000, run: () => void order.push('b') },
  )
  await shutdown.run()
  expect(order).toEqual(['a', 'b'])
})

test('a phase that hangs or fails does not keep the next ones from running', async () => {
  const { lines, log } = quiet()
  const shutdown = new Shutdown(log)
  let isReached = false
  shutdown.add(
    { name: 'hangs', timeoutMs: 20, run: () => new Promise(() => {}) },
    { name: 'throws', timeoutMs: 20, run: () => Promise.reject(new Error('x')) },
    {
      name: 'last',
      timeoutMs: 20,
      run: () => {
        isReached = true
      },
    },
  )
  await shutdown.run()
  expect(isReached).toBe(true)
  expect(lines).toEqual(['shutdown phase timed out', 'shutdown phase failed'])
})

test('a second call waits for the first and runs nothing again', async () => {
  let count = 0
  const shutdown = new Shutdown(quiet().log)
  shutdown.add({
    name: 'a',
    timeoutMs: 100,
    run: async () => {
      await delay(10)
      count++
    },
  })
  await Promise.all([shutdown.run(), shutdown.run()])
  expect(count).toBe(1)
})
