import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'entered',
    (error: { code: string }) => error.code,
  )

test('so many are let in, and the others in their order as places become free', async () => {
  const gate = new Gate(2, 10)
  const order: string[] = []
  const first = await gate.enter()
  const second = await gate.enter()
  const enter = async (name: string) => {
    const leave = await gate.enter()
    order.push(name)
    return leave
  }
  const third = enter('third')
  const fourth = enter('fourth')
  expect(order).toEqual([])
  second()
  const leaveThird = await third
  leaveThird()
  await fourth
  first()
  await gate.enter()
  expect(order).toEqual(['third', 'fourth'])
})

test('one more than may wait is refused, one who gives up leaves the line, and closing refuses all', async () => {
  const gate = new Gate(1, 2)
  const leave = await gate.enter()
  const abort = new AbortController()
  const waiting = codeOf(gate.enter(abort.signal))
  const behind = gate.enter()
  expect(await codeOf(gate.enter())).toBe('engine_busy')
  abort.abort()
  expect(await waiting).toBe('aborted')
  leave()
  await behind
  const late = codeOf(gate.enter())
  gate.close()
  expect(await late).toBe('engine_closed')
  expect(await codeOf(gate.enter())).toBe('engine_closed')
})
